import { createLogger } from '@ecolink/runtime';

/** The part of pino's logger that the bus uses: fields first, then the name of what happened. */
export interface BusLogger {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

/** One JSON line per event in the process's log. */
export function defaultBusLogger(): BusLogger {
  return createLogger('bus');
}

/** What a log line or a dead letter says of anything that was thrown. Frameworks throw plain objects too. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(errorText).join('; ');
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string')
    return error.message;
  return String(error);
}
