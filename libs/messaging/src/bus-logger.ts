import { pino } from 'pino';

/** The part of pino's logger that the bus uses: fields first, then the name of what happened. */
export interface BusLogger {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

const STANDARD_ERROR = 2;

/** One JSON line per event on standard error, or appended to `LOG_FILE`, like every service's own log. */
export function defaultBusLogger(): BusLogger {
  const file = process.env['LOG_FILE'];
  const destination = pino.destination({
    ...(file === undefined ? { fd: STANDARD_ERROR } : { dest: file, append: true, mode: 0o600 }),
    sync: true,
  });
  const level = process.env['LOG_LEVEL'] ?? 'info';
  return pino(
    {
      level,
      base: { service: 'bus' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

/** What a log line or a dead letter says of anything that was thrown. Frameworks throw plain objects too. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(errorText).join('; ');
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string')
    return error.message;
  return String(error);
}
