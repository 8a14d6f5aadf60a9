import { type BusEvent, type DeploymentObserved, newId, TOPIC } from '@ecolink/contracts';
import type { EventBus } from '@ecolink/messaging';
import type { Logger } from '@ecolink/runtime';
import { describePods, type PodDescription } from '../pods/describe-pods.js';
import type { InstancePods } from '../pods/instance-pods.js';
import type { PodTable } from '../pods/pod-table.js';

export interface ObservationPublisherOptions {
  readonly region: string;
  readonly bus: EventBus;
  readonly pods: PodTable;
  readonly logger: Logger;
}

const DEBOUNCE_MS = 50;
/** Everything is said again this often, so that a lost message costs no more than that. */
const FLOOR_INTERVAL_MS = 10_000;
/** So long is repeated that an instance has no pods; after that nobody waits for it any more. */
const EMPTY_REPEATED_MS = 10 * 60_000;
const BATCH_MAX = 500;
const RETRY_FIRST_MS = 200;
const LOG_TAIL_LINES_MAX = 20;
const RETRY_MAX_MS = 5_000;

/**
 * Publishes what this gateway sees of each instance: soon after a change and every 10 s. What is published is always the
 * present state, so the backlog while the bus is down is a set of instance ids and nothing more.
 */
export class ObservationPublisher {
  readonly #dirty = new Set<number>();
  /** Instances without pods, and since when. */
  readonly #emptySinceMs = new Map<number, number>();
  #sequence = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #floor: NodeJS.Timeout | undefined;
  #publishing: Promise<void> | undefined;
  #failures = 0;
  #stopped = false;

  constructor(private readonly options: ObservationPublisherOptions) {}

  start(): void {
    this.#floor = setInterval(() => this.#markAll(), FLOOR_INTERVAL_MS);
  }

  changed(instanceId: number): void {
    this.#dirty.add(instanceId);
    this.#publishIn(DEBOUNCE_MS);
  }

  /** Publishes what is left, once. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#floor);
    clearTimeout(this.#timer);
    await this.#publishing;
    await this.#publish();
  }

  #markAll(): void {
    for (const instance of this.options.pods.instances) this.#dirty.add(instance.instanceId);
    this.#publishIn(0);
  }

  #publishIn(delayMs: number): void {
    if (this.#stopped || this.#timer !== undefined || this.#publishing !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#publishing = this.#publish().finally(() => {
        this.#publishing = undefined;
        if (this.#dirty.size > 0) this.#publishIn(this.#failures === 0 ? DEBOUNCE_MS : this.#backOffMs());
      });
    }, delayMs);
  }

  async #publish(): Promise<void> {
    const instanceIds = [...this.#dirty].slice(0, BATCH_MAX);
    for (const instanceId of instanceIds) this.#dirty.delete(instanceId);
    const events = instanceIds.flatMap((instanceId) => this.#eventsOf(instanceId));
    if (events.length === 0) return;
    try {
      await this.options.bus.publish(events);
      this.#failures = 0;
    } catch (error) {
      for (const instanceId of instanceIds) this.#dirty.add(instanceId);
      this.#failures += 1;
      const reason = error instanceof Error ? error.message : String(error);
      this.options.logger.warn({ event: 'observations.not_published', instances: instanceIds.length, reason });
    }
  }

  #eventsOf(instanceId: number): BusEvent<DeploymentObserved>[] {
    const instance = this.options.pods.get(instanceId);
    if (instance === undefined) return [];
    this.#forgetWhenLongEmpty(instance);
    const { region } = this.options;
    const observedAt = new Date();
    this.#sequence += 1;
    const data: DeploymentObserved = {
      instance_id: instanceId,
      region,
      sequence: this.#sequence,
      observed_at: observedAt.toISOString(),
      ready_replica_seconds: instance.readyTime.seconds(),
      pods: describePods(instance).map(observedPodOf),
    };
    const source = `region-gateway/${region}`;
    return [{ id: newId('evt'), source, topic: TOPIC.deploymentObserved, key: String(instanceId), occurredAt: observedAt, data }];
  }

  #forgetWhenLongEmpty(instance: InstancePods): void {
    const { instanceId } = instance;
    if (!instance.isEmpty) {
      this.#emptySinceMs.delete(instanceId);
      return;
    }
    const sinceMs = this.#emptySinceMs.get(instanceId) ?? performance.now();
    this.#emptySinceMs.set(instanceId, sinceMs);
    if (performance.now() - sinceMs < EMPTY_REPEATED_MS) return;
    this.#emptySinceMs.delete(instanceId);
    this.options.pods.forget(instanceId);
  }

  #backOffMs(): number {
    return Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (this.#failures - 1)) * (1 - Math.random() * 0.2);
  }
}

function observedPodOf(pod: PodDescription): DeploymentObserved['pods'][number] {
  const { pod_id, state, healthy, reason, since, address, log_tail, start } = pod;
  return {
    pod_id,
    state,
    healthy,
    reason,
    since,
    ...(address === undefined ? {} : { address }),
    ...(log_tail === undefined ? {} : { log_tail: log_tail.slice(-LOG_TAIL_LINES_MAX) }),
    ...(start === undefined ? {} : { start }),
  };
}
