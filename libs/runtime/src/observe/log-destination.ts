import { mkdirSync, writeSync } from 'node:fs';
import path from 'node:path';
import roll from 'pino-roll';
import { pino } from 'pino';

/** Where lines of the log go: an open file or standard error. */
export type LogDestination = ReturnType<typeof pino.destination>;

export interface RotatingLogOptions {
  /** Path without number and ending: `…/log/router` becomes `…/log/router.1.log`, `.2.log`, … */
  readonly file: string;
  /** A file is closed at about this size; the newest two are kept. */
  readonly bytesMax?: number;
  /** Told when the file cannot be written, once an hour at the most. Default: standard error. */
  readonly say?: (text: string) => void;
}

const STANDARD_ERROR = 2;
const BYTES_MAX = 32 * 1_048_576;
const FILES_KEPT = 2;
/** Lines that wait while nothing can be written; more are dropped, since a log must not take the memory of its process. */
const WAITING_BYTES_MAX = 1_048_576;
const FAILURE_SAID_AGAIN_MS = 60 * 60_000;

let shared: LogDestination | undefined;

/** The process's one destination: what `openRotatingLog` opened, else the file `LOG_FILE`, else standard error. */
export function logDestination(): LogDestination {
  shared ??= openPlain();
  return shared;
}

/**
 * Opens the log of this process: every later logger writes to it. Files rotate by size, so a log never outgrows its bound. A file that
 * cannot be opened leaves the log on standard error.
 */
export async function openRotatingLog(options: RotatingLogOptions): Promise<void> {
  const size = `${options.bytesMax ?? BYTES_MAX}b`;
  try {
    mkdirSync(path.dirname(options.file), { recursive: true, mode: 0o700 });
    const destination = await roll({
      file: options.file,
      extension: '.log',
      size,
      limit: { count: FILES_KEPT, removeOtherLogFiles: true },
      mode: 0o600,
      sync: true,
      maxLength: WAITING_BYTES_MAX,
    });
    shared = surviving(destination, options.file, options.say);
  } catch (error) {
    sayOnStandardError(`the log ${options.file} cannot be opened (${textOf(error)}); it goes to standard error`);
    shared = openPlain();
  }
}

function openPlain(): LogDestination {
  const file = process.env['LOG_FILE'];
  const target = file === undefined ? { fd: STANDARD_ERROR } : { dest: file, append: true, mode: 0o600 };
  return surviving(pino.destination({ ...target, sync: true, maxLength: WAITING_BYTES_MAX }), file ?? 'standard error');
}

/** A full disk or a broken file loses lines of the log and nothing else; it is said once an hour at the most. */
function surviving(destination: LogDestination, name: string, say = sayOnStandardError): LogDestination {
  let saidAtMs = -Infinity;
  destination.on('error', (error: unknown) => {
    if (Date.now() - saidAtMs < FAILURE_SAID_AGAIN_MS) return;
    saidAtMs = Date.now();
    say(`the log ${name} cannot be written (${textOf(error)}); lines are dropped until it can`);
  });
  return destination;
}

function sayOnStandardError(text: string): void {
  try {
    writeSync(STANDARD_ERROR, `${text}\n`);
  } catch {
    // Standard error is gone, too: there is no place left to say it.
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
