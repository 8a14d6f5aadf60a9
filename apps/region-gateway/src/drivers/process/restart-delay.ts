const FIRST_MS = 250;
const MAX_MS = 30_000;

/** How long a process is left alone after it died so many times in a row. */
export function restartDelayMs(failures: number): number {
  return Math.min(MAX_MS, FIRST_MS * 2 ** (failures - 1));
}
