import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import { isoTime } from './iso-time.js';

export type { Logger };

const STANDARD_ERROR = 2;
const GATHERED_BYTES = 16_000;
const GATHERED_MS = 250;
const WARN_LEVEL = pino.levels.values['warn'] ?? 0;

/**
 * One JSON line per event, on standard error so that what a command prints on standard output stays clean, or appended to
 * `LOG_FILE`. `LOG_LEVEL` sets the level (default `info`).
 */
export function createLogger(service: string): Logger {
  return loggerTo(openDestination(), service);
}

export interface GatheringLogger {
  readonly logger: Logger;
  /** Writes a line of level `info`, whose fields are JSON already, without the braces around them. */
  readonly writeFields: (event: string, fieldsJson: string) => void;
}

/**
 * For services that log every call: lines are gathered and written together, after 250 ms at the latest, and at once with
 * a warning or an error.
 */
export function createGatheringLogger(service: string): GatheringLogger {
  const destination = openDestination({ minLength: GATHERED_BYTES, periodicFlush: GATHERED_MS });
  flushAtExit(destination);
  const logger = loggerTo(destination, service, (level) => {
    if (level >= WARN_LEVEL) destination.flush();
  });
  const isHeard = logger.isLevelEnabled('info');
  return {
    logger,
    writeFields: (event, fieldsJson) => {
      if (!isHeard) return;
      const time = isoTime(Date.now());
      destination.write(`{"level":"info","time":"${time}","service":"${service}","event":"${event}",${fieldsJson}}\n`);
    },
  };
}

const gathering = new Set<Destination>();

/** One listener for all: a process may have many loggers. */
function flushAtExit(destination: Destination): void {
  if (gathering.size === 0) process.once('exit', () => gathering.forEach((one) => one.flushSync()));
  gathering.add(destination);
}

type Destination = ReturnType<typeof pino.destination>;

function openDestination(gathering: { readonly minLength?: number; readonly periodicFlush?: number } = {}): Destination {
  const file = process.env['LOG_FILE'];
  const target = file === undefined ? { fd: STANDARD_ERROR } : { dest: file, append: true, mode: 0o600 };
  return pino.destination({ ...target, ...gathering, sync: true });
}

function loggerTo(destination: Destination, service: string, onLine: (level: number) => void = () => undefined): Logger {
  return pino(
    {
      level: process.env['LOG_LEVEL'] ?? 'info',
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(inputs, method, level) {
          method.apply(this, inputs);
          onLine(level);
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
