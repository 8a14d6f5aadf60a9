import { copyFileSync, statSync, truncateSync } from 'node:fs';

const LOG_BYTES_MAX = 64 * 1_048_576;
const CHECK_INTERVAL_MS = 60_000;

/** Keeps the log and one older part of it within bounds. Writers append, so the file can be emptied under them. */
export function boundLogFile(file: string): () => void {
  const check = (): void => {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size < LOG_BYTES_MAX) return;
    copyFileSync(file, `${file}.1`);
    truncateSync(file, 0);
  };
  check();
  const timer = setInterval(check, CHECK_INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
