import type { Logger } from '@ecolink/runtime';
import type { LoggerService } from '@nestjs/common';

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
