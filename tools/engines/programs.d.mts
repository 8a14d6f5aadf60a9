/** The absolute path of a program, or undefined. */
export function findProgram(name: string): string | undefined;

/** Finds a program, installing it from Debian's packages where that is possible. Otherwise rejects with what to install. */
export function ensureProgram(name: string, aptPackages: readonly string[], log: (text: string) => void): Promise<string>;

/** Runs a program to its end; rejects with the tail of what it wrote unless it succeeds. */
export function runProgram(
  command: string,
  args: readonly string[],
  options?: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number },
): Promise<string>;
