import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Holds } from './holds.service.js';

const INTERVAL_MS = 1_000;

/** Settles and renews cycles as they end. What a stopped process left undone is done at its next start. */
@Injectable()
export class HoldSweeper implements OnModuleInit, OnModuleDestroy {
  private readonly logger = createLogger('auth-billing');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(@Inject(Holds) private readonly holds: Holds) {}

  onModuleInit(): void {
    this.timer = setInterval(() => this.sweep(), INTERVAL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private sweep(): void {
    this.running ??= this.holds
      .advance()
      .then(() => undefined)
      .catch((error: unknown) => this.logger.warn({ event: 'holds.not_advanced', err: error }))
      .finally(() => (this.running = undefined));
  }
}
