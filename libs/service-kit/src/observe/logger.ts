import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';

export type { Logger };

const STANDARD_ERROR = 2;
const WARN_LEVEL = pino.levels.values['warn'] ?? 0;

const GATHERED_BYTES = 8_192;
const GATHERED_MS = 250;

export interface LoggerOptions {
  /** Lines below `warn` are gathered and written together, at the latest after 250 ms: for services that log every call. */
  readonly gathers?: boolean;
}

/**
 * One JSON line per event, on standard error so that what a command prints on standard output stays clean, or appended to
 * `LOG_FILE`. `LOG_LEVEL` sets the level (default `info`).
 */
export function createLogger(service: string, { gathers = false }: LoggerOptions = {}): Logger {
  const file = process.env['LOG_FILE'];
  const destination = pino.destination({
    ...(file === undefined ? { fd: STANDARD_ERROR } : { dest: file, append: true, mode: 0o600 }),
    sync: true,
    ...(gathers ? { minLength: GATHERED_BYTES, periodicFlush: GATHERED_MS } : {}),
  });
  if (gathers) process.once('exit', () => destination.flushSync());
  const level = process.env['LOG_LEVEL'] ?? 'info';
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(inputs, method, lineLevel) {
          method.apply(this, inputs);
          if (gathers && lineLevel >= WARN_LEVEL) destination.flushSync();
        },
      },
    },
    destination,
  );
}

/** Nest's own messages, of which only warnings and errors matter to an operator. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown): void {
    this.logger.debug({ event: 'nest' }, String(message));
  }

  warn(message: unknown): void {
    this.logger.warn({ event: 'nest' }, String(message));
  }

  error(message: unknown, ...details: unknown[]): void {
    this.logger.error(
      { event: 'nest', details: details.map(String) },
      message instanceof Error ? (message.stack ?? message.message) : String(message),
    );
  }

  debug(): void {
    // Nest's debug output is about its own wiring.
  }

  verbose(): void {
    // As above.
  }
}
