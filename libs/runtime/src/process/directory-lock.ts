import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Thrown when another living process holds the directory. */
export class DirectoryLockedError extends Error {
  constructor(directory: string, pid: number) {
    super(`${directory} is in use by process ${pid}`);
    this.name = 'DirectoryLockedError';
  }
}

/**
 * Locks a directory for this process by a file that names it: pid and, where the system tells, the process's start time,
 * so that a pid that was given to somebody else after a crash does not keep the directory locked. Returns the release.
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, 'lock');
  const own = `${process.pid} ${startTimeOf(process.pid)}`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const descriptor = openSync(file, 'wx', 0o600);
      writeSync(descriptor, own);
      closeSync(descriptor);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = livingHolder(file);
    if (holder !== undefined) throw new DirectoryLockedError(directory, holder);
    rmSync(file, { force: true });
  }
  throw new DirectoryLockedError(directory, 0);
}

function livingHolder(file: string): number | undefined {
  const [pidText, startTime] = readText(file).split(' ');
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const current = startTimeOf(pid);
  return current !== '' && current === startTime ? pid : undefined;
}

/** Field 22 of `/proc/<pid>/stat`; where there is no `/proc`, whether the process lives has to do. */
function startTimeOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat !== '') return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  try {
    process.kill(pid, 0);
    return process.platform === 'linux' ? '' : 'alive';
  } catch {
    return '';
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
