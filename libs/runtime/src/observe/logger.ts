import { type DestinationStream, type Logger, pino } from 'pino';
import { isoTime } from './iso-time.js';
import { type LogDestination, logDestination } from './log-destination.js';

export type { Logger };

const GATHERED_LENGTH = 16_000;
const GATHERED_MS = 250;

/**
 * One JSON line per event: in the file that `openRotatingLog` opened, else appended to `LOG_FILE`, else on standard error, so that what
 * a command prints on standard output stays clean. `LOG_LEVEL` sets the level (default `info`).
 */
export function createLogger(service: string): Logger {
  return loggerTo(logDestination(), service);
}

export interface GatheringLogger {
  readonly logger: Logger;
  /** Writes a line of level `info`, whose fields are JSON already, without the braces around them. */
  readonly writeFields: (event: string, fieldsJson: string) => void;
}

/** For services that log every call: those lines are gathered and written together, after 250 ms at the latest. */
export function createGatheringLogger(service: string): GatheringLogger {
  const lines = new GatheredLines(logDestination());
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

  constructor(private readonly destination: LogDestination) {
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
