import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '../observe/logger.js';

interface Closable {
  close(): Promise<void>;
}

const FORCED_EXIT_MS = 150_000;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5_000;

/**
 * The life of a service that is a process of its own: `start` opens its parts, the first of them first, and is tried again
 * with growing pauses while what it needs is not there yet; SIGTERM and SIGINT close them in reverse and end with 0.
 */
export async function runService(name: string, start: (opened: Closable[]) => Promise<void>): Promise<void> {
  const logger = createLogger(name);
  let opened: Closable[] = [];
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), FORCED_EXIT_MS).unref();
    void closeAll(opened).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ event: 'shutdown.failed', err: error });
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  for (let retryMs = RETRY_FIRST_MS; !ending; retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)) {
    opened = [];
    try {
      await start(opened);
      return;
    } catch (error) {
      if (isDefect(error)) throw error;
      logger.warn({
        event: 'start.waiting',
        reason: error instanceof Error ? error.message : String(error),
        retry_in_ms: retryMs,
      });
      await closeAll(opened).catch(() => undefined);
      await delay(retryMs);
    }
  }
}

async function closeAll(opened: readonly Closable[]): Promise<void> {
  for (const part of [...opened].reverse()) await part.close();
}

/** What waiting does not mend: a port that is taken, a directory that another process holds, a mistake in the code. */
function isDefect(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof SyntaxError) return true;
  return ['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
}
