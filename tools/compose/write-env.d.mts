/** Writes `.env` and a certificate; returns what was done, for a person. Throws where something exists or is missing. */
export function writeEnvironment(args: readonly string[]): string;
