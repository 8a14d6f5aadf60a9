import path from 'node:path';

const DIRECTORY = 'log';

/** The log of one process, without number and ending; each process rotates its own. */
export function logFileOf(dataDirectory: string, process: string): string {
  return path.join(dataDirectory, DIRECTORY, process);
}
