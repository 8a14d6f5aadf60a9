import { createLogger } from '@ecolink/service-kit';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ChangeInstance } from '../instances/change-instance.js';
import { InstancesStore } from '../instances/instances.store.js';

const INTERVAL_MS = 5_000;
const BATCH_MAX = 50;

/**
 * Looks again at instances whose state waits for something, so that none is stuck for want of an event. A sweep goes on
 * where the last one ended and takes a bounded number; an instance that somebody else is changing is left to them.
 */
@Injectable()
export class Watchdog implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = createLogger('instance-registry');
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private lastId = 0;

  constructor(
    @Inject(InstancesStore) private readonly instances: InstancesStore,
    @Inject(ChangeInstance) private readonly changer: ChangeInstance,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.sweeping;
  }

  async sweep(): Promise<void> {
    const ids = await this.instances.idsInMotion(this.lastId, BATCH_MAX);
    for (const id of ids) await this.changer.change(id, () => Promise.resolve(undefined), { skipLocked: true });
    this.lastId = ids.length < BATCH_MAX ? 0 : (ids.at(-1) ?? 0);
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.sweeping = this.sweep()
        .catch((error: unknown) => this.logger.warn({ event: 'watchdog.failed', err: error }))
        .then(() => {
          if (this.timer !== undefined) this.schedule();
        });
    }, INTERVAL_MS);
    this.timer.unref();
  }
}
