import { createLogger } from '@ecolink/runtime';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ChangeInstance, type RequestedChange } from '../instances/change-instance.js';
import { isExternal, type StoredInstance } from '../instances/instance.js';
import { summaryOf, wantedPodsOf } from '../instances/instance-pods.js';
import { InstancesStore } from '../instances/instances.store.js';
import { CLOCK, type Clock } from '../settings.js';
import { deadlineOf, limitSecondsOf } from './start.js';

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
    @Inject(CLOCK) private readonly clock: Clock,
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
    for (const id of ids)
      await this.changer.change(id, (instance) => Promise.resolve(this.giveUp(instance)), { skipLocked: true });
    this.lastId = ids.length < BATCH_MAX ? 0 : (ids.at(-1) ?? 0);
  }

  /** A start on GPUs that outlived its phase's deadline is ended; a server that somebody else runs is waited for. */
  private giveUp(instance: StoredInstance): RequestedChange | undefined {
    const { start, lifecycle } = instance;
    if (isExternal(instance)) return undefined;
    const pods = wantedPodsOf(instance);
    const deadline = deadlineOf(start, lifecycle, pods);
    if (deadline === null || deadline > this.clock() || start.phase === null || start.phase === 'ready') return undefined;
    const seconds = limitSecondsOf(start.phase, pods);
    const reason = summaryOf(instance).reason;
    const actionReason = `The start was given up: "${start.phase}" took longer than ${spoken(seconds)}${reason === null ? '' : `: ${reason}`}`;
    return { kind: 'start_given_up', state: 'failed', desiredState: 'stopped', actionReason };
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

function spoken(seconds: number): string {
  const [count, unit] = seconds >= 120 ? [Math.round(seconds / 60), 'minutes'] : [seconds, 'seconds'];
  return `${count} ${unit}`;
}
