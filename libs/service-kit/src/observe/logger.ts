import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { isoTime } from './iso-time.js';

export type { Logger };

const STANDARD_ERROR = 2;
const GATHERED_LENGTH = 16_000;
const GATHERED_MS = 250;

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

/** For services that log every call: those lines are gathered and written together, after 250 ms at the latest. */
export function createGatheringLogger(service: string): GatheringLogger {
  const lines = new GatheredLines(openDestination());
  const logger = loggerTo(lines, service);
  const isHeard = logger.isLevelEnabled('info');
  return {
    logger,
    writeFields: (event, fieldsJson) => {
      if (!isHeard) return;
      const time = isoTime(Date.now());
      lines.gather(`{"level":"info","time":"${time}","service":"${service}","event":"${event}",${fieldsJson}}\n`);
    },
  };
}

/**
 * Lines on their way to a destination, which would measure everything it holds with each line that it is given: it is
 * given many at once.
 */
class GatheredLines {
  private readonly lines: string[] = [];
  private length = 0;

  constructor(private readonly destination: Destination) {
    writeAtExit(this);
    setInterval(() => this.flush(), GATHERED_MS).unref();
  }

  gather(line: string): void {
    this.lines.push(line);
    this.length += line.length;
    if (this.length >= GATHERED_LENGTH) this.flush();
  }

  /** A line of the logger's own, at once, behind those that were gathered before it. */
  write(line: string): void {
    this.lines.push(line);
    this.flush();
  }

  flush(): void {
    if (this.lines.length === 0) return;
    this.destination.write(this.lines.join(''));
    this.lines.length = 0;
    this.length = 0;
  }
}

const gathering = new Set<GatheredLines>();

/** One listener for all: a process may have many loggers. */
function writeAtExit(lines: GatheredLines): void {
  if (gathering.size === 0) process.once('exit', () => gathering.forEach((one) => one.flush()));
  gathering.add(lines);
}

type Destination = ReturnType<typeof pino.destination>;

function openDestination(): Destination {
  const file = process.env['LOG_FILE'];
  const target = file === undefined ? { fd: STANDARD_ERROR } : { dest: file, append: true, mode: 0o600 };
  return pino.destination({ ...target, sync: true });
}

function loggerTo(destination: DestinationStream, service: string): Logger {
  return pino(
    {
      level: process.env['LOG_LEVEL'] ?? 'info',
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
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
