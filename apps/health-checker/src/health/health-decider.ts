import type { Logger } from '@ecolink/runtime';
import { counter } from '@ecolink/service-kit';
import type { Lease } from '../lease/lease.js';
import type { Regions } from '../regions/regions.js';
import { decideHealth } from './decide-health.js';
import type { HealthStore } from './health.store.js';
import type { HealthPod } from './health-pods.js';

/** At the latest after this time a decision that could not be written, or a lease that came meanwhile, is looked at again. */
const FLOOR_INTERVAL_MS = 1_000;
const transitions = counter('ecolink_health_changes_total', 'Changes of instances\u2019 health that were published');

/** Publishes what follows from the gateways' answers: one decision at a time, only what changed, only while it holds the lease. */
export class HealthDecider {
  /** What the table says; undefined when that is not known for certain and has to be read again. */
  #published: Map<number, readonly HealthPod[]> | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #floor: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly regions: Regions,
    private readonly store: HealthStore,
    private readonly lease: Lease,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#floor = setInterval(() => this.decide(), FLOOR_INTERVAL_MS);
  }

  /** Looks at all that is known now, after the decision that is being written. */
  decide(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#floor);
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#decideOnce();
      } catch (error) {
        // Whether it was committed is unknown: the table is asked before the next decision.
        this.#published = undefined;
        this.logger.warn({ event: 'health.not_written', reason: error instanceof Error ? error.message : String(error) });
      }
    }
  }

  async #decideOnce(): Promise<void> {
    if (!this.lease.isHeld) {
      this.#published = undefined;
      return;
    }
    if (!this.regions.isLoaded) return;
    const published = (this.#published ??= await this.store.loadAll());
    const changes = decideHealth(published, this.regions.verdicts);
    if (changes.size === 0) return;
    if (!(await this.store.publish(changes, this.lease.holder))) {
      this.#published = undefined;
      return;
    }
    for (const [instanceId, pods] of changes) published.set(instanceId, pods);
    transitions.inc(changes.size);
    this.logger.info({ event: 'health.changed', instances: [...changes.keys()].slice(0, 20), count: changes.size });
  }
}
