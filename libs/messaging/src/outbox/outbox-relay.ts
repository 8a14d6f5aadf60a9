import { BUS_CHANNEL, type DeliveredEvent } from '@ecolink/contracts';
import { TOPICS } from '@ecolink/contracts';
import { type BusLogger, defaultBusLogger, errorText } from '../bus-logger.js';
import { partitionsOf } from '../declared-partitions.js';
import { WakeSignal } from '../delivery/wake-signal.js';
import { CONNECTION_BACK_OFF, HANDLER_BACK_OFF, backOffMs, waitBackOff } from '../delivery/back-off.js';
import { countEventsAfter, deleteEvents, fetchEventsAfter } from '../embedded/bus-rows.js';
import { SerialClient } from '../embedded/serial-client.js';
import type { EventBus, Progress } from '../event-bus.js';

export interface OutboxRelayOptions {
  readonly databaseUrl: string;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly logger?: BusLogger;
  readonly now?: () => number;
}

const RELAY_LOCK = 'ecolink_outbox_relay';
const TICK_MS = 1_000;
const EVENTS_PER_PARTITION_MAX = 200;
const LAG_COUNT_MAX = 10_000;

/** Every partition from its first row on: what was published is gone, so there is nothing to remember. */
const PLACES = partitionsOf(TOPICS.map((topic) => topic.name)).map((partition) => ({ ...partition, position: '0' }));

/**
 * Empties the outbox onto the bus: publishes the rows of `bus_events` in order and deletes each once it is acknowledged. A
 * number that is remembered instead would skip rows that commit later with a lower one. Several processes may run a relay;
 * one works, by an advisory lock of its session, and the others wait. A crash between the two steps publishes twice.
 */
export class OutboxRelay {
  private readonly closing = new AbortController();
  private readonly wakeSignal = new WakeSignal();
  private readonly logger: BusLogger;
  private readonly now: () => number;
  private lag = 0;
  private measuredAtMs = -Infinity;
  private lastProgressAtMs: number;
  private running: Promise<void> | undefined;

  constructor(private readonly options: OutboxRelayOptions) {
    this.logger = options.logger ?? defaultBusLogger();
    this.now = options.now ?? Date.now;
    this.lastProgressAtMs = this.now();
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Rows that wait, as far as this process knows: one that only stands by has none. */
  progress(): Progress {
    return { lag: this.lag, lastProgressAtMs: this.lastProgressAtMs };
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.wakeSignal.notify();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.runSession(() => (failures = 0));
      } catch (error) {
        if (!signal.aborted) this.logger.warn({ error: errorText(error) }, 'outbox_session_lost');
      }
      failures += 1;
      await waitBackOff(CONNECTION_BACK_OFF, failures, signal).catch(() => undefined);
    }
  }

  private async runSession(onReady: () => void): Promise<void> {
    const client = await SerialClient.connect(this.options.databaseUrl, 'ecolink-outbox-relay');
    const signal = AbortSignal.any([this.closing.signal, client.lost]);
    signal.addEventListener('abort', () => this.wakeSignal.notify(), { once: true });
    try {
      client.onNotification(() => this.wakeSignal.notify());
      await this.waitForTurn(client, signal, onReady);
      await client.query(`LISTEN ${BUS_CHANNEL}`);
      await this.relayUntilAborted(client, signal, onReady);
    } finally {
      client.close();
    }
  }

  private async waitForTurn(client: SerialClient, signal: AbortSignal, onReady: () => void): Promise<void> {
    while (!signal.aborted) {
      const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held', [
        RELAY_LOCK,
      ]);
      if (rows[0]?.held === true) return;
      onReady();
      this.note(0);
      await this.wakeSignal.wait(TICK_MS);
    }
  }

  private async relayUntilAborted(client: SerialClient, signal: AbortSignal, onReady: () => void): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const events = await fetchEventsAfter(client, PLACES, EVENTS_PER_PARTITION_MAX);
      const { published, hasFailed } = await this.publish(events);
      await deleteEvents(client, published);
      failures = hasFailed ? failures + 1 : 0;
      await this.measure(client, events.length, published.length);
      onReady();
      if (hasFailed) await this.wakeSignal.wait(backOffMs(HANDLER_BACK_OFF, failures));
      else if (events.length === 0) await this.wakeSignal.wait(TICK_MS);
    }
  }

  /** Each partition by itself: one that cannot be published keeps its rows and holds up no other. */
  private async publish(
    events: readonly DeliveredEvent[],
  ): Promise<{ published: readonly DeliveredEvent[]; hasFailed: boolean }> {
    const groups = [...Map.groupBy(events, (event) => `${event.topic}/${event.partition}`).values()];
    const results = await Promise.allSettled(groups.map((own) => this.options.bus.publish(own)));
    const published: DeliveredEvent[] = [];
    results.forEach((result, index) => {
      const own = groups[index] ?? [];
      if (result.status === 'fulfilled') published.push(...own);
      else
        this.logger.warn(
          { topic: own[0]?.topic, partition: own[0]?.partition, error: errorText(result.reason) },
          'outbox_publish_failed',
        );
    });
    return { published, hasFailed: published.length < events.length };
  }

  /** Counting rows costs as much as carrying them: while there are some, they are counted once a second. */
  private async measure(client: SerialClient, found: number, published: number): Promise<void> {
    if (published > 0) this.lastProgressAtMs = this.now();
    if (found > 0 && this.now() - this.measuredAtMs < TICK_MS) return;
    this.measuredAtMs = this.now();
    const counts = found === 0 ? [] : await countEventsAfter(client, PLACES, LAG_COUNT_MAX);
    this.note(counts.reduce((sum, count) => sum + count, 0));
  }

  private note(lag: number): void {
    this.lag = lag;
    if (lag === 0) this.lastProgressAtMs = this.now();
  }
}
