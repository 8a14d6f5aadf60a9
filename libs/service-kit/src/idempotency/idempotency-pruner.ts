import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createLogger } from '@ecolink/runtime';
import { IdempotencyStore } from './idempotency-store.js';

const INTERVAL_MS = 10 * 60 * 1_000;
const BATCH_ROWS = 1_000;
/** Per round, so that a table that was left alone for long is emptied over several. */
const BATCHES_MAX = 50;

/** Deletes keys that are too old, in small steps; a step that fails is made up for by the next. */
@Injectable()
export class IdempotencyPruner implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = createLogger('idempotency');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(@Inject(IdempotencyStore) private readonly store: IdempotencyStore) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.prune();
    }, INTERVAL_MS);
    this.timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async prune(): Promise<void> {
    try {
      for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
        if ((await this.store.prune(BATCH_ROWS)) < BATCH_ROWS) return;
      }
    } catch (error) {
      this.logger.warn({ event: 'idempotency.not_pruned', err: error });
    }
  }
}
