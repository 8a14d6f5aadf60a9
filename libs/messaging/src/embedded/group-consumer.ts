import { type BusLogger, errorText } from '../bus-logger.js';
import { partitionsOf } from '../declared-partitions.js';
import { WakeSignal } from '../delivery/wake-signal.js';
import { type BackOff, CONNECTION_BACK_OFF, waitBackOff } from '../delivery/back-off.js';
import { deliverBatch } from '../delivery/deliver-batch.js';
import { storeDeadLetter } from '../delivery/store-dead-letter.js';
import { PoisonDetector } from '../delivery/poison-detector.js';
import { withDeadline } from '../delivery/with-deadline.js';
import { notePending, progressOf } from '../delivery/partition-progress.js';
import type { ConsumeOptions, EventBatch, Progress, Subscription } from '../event-bus.js';
import { countEventsAfter, fetchEventsAfter } from './bus-rows.js';
import { acquirePartitions, commitOffset } from './group-offsets.js';
import { PartitionPump, type PumpedPartition } from './partition-pump.js';
import { ReadFloor } from './read-floor.js';
import { SerialClient } from './serial-client.js';
import type { BusNotifications } from './bus-notifications.js';

export interface EmbeddedSubscriptionContext {
  readonly url: string;
  readonly notifications: BusNotifications;
  readonly backOff: BackOff;
  readonly logger: BusLogger;
  readonly now: () => number;
}

/** Partitions of a member that died are taken over after this. */
const TICK_MS = 1_000;
const LAG_COUNT_MAX = 10_000;
/** A handler that takes longer than this to end keeps nobody from closing: what it did not commit comes again. */
const CLOSE_TIMEOUT_MS = 15_000;

/**
 * A member of a consumer group on the embedded log. It keeps one session of the database; partitions are its own as long
 * as that session lives. A lost session ends all deliveries (unhandled events come again), and a new one starts over.
 */
export class GroupConsumer implements Subscription {
  private readonly closing = new AbortController();
  private readonly wakeSignal = new WakeSignal();
  private readonly poison = new PoisonDetector();
  private readonly pump: PartitionPump;
  private held: PumpedPartition[] = [];
  private tickedAtMs: number;
  private session: { readonly client: SerialClient; readonly signal: AbortSignal } | undefined;
  private readonly unsubscribe: () => void;
  private readonly running: Promise<void>;

  constructor(
    private readonly context: EmbeddedSubscriptionContext,
    private readonly options: ConsumeOptions,
  ) {
    this.tickedAtMs = context.now();
    this.pump = new PartitionPump({
      batchMax: options.batchMax,
      fetch: (partitions, limit) => fetchEventsAfter(this.client(), partitions, limit),
      deliver: (batch, partition) => this.deliver(batch, partition),
      onDelivered: (mayHaveMore) => {
        if (mayHaveMore) this.wakeSignal.notify();
      },
      onFailed: (error) => this.giveUpSession(error),
      now: context.now,
    });
    const topics = new Set(options.topics);
    this.unsubscribe = context.notifications.subscribe((topic) => {
      if (topic === undefined || topics.has(topic)) this.wakeSignal.notify();
    });
    this.running = this.run();
  }

  progress(): Progress {
    return progressOf(this.held, this.tickedAtMs);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.unsubscribe();
    this.wakeSignal.notify();
    await withDeadline(this.running, CLOSE_TIMEOUT_MS, 'the handler did not end').catch((error: unknown) => {
      this.context.logger.warn({ group: this.options.group, error: errorText(error) }, 'bus_handler_left_behind');
      this.session?.client.close();
    });
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.runSession(() => (failures = 0));
      } catch (error) {
        if (!signal.aborted) this.context.logger.warn({ group: this.options.group, error: errorText(error) }, 'bus_session_lost');
      }
      failures += 1;
      await waitBackOff(CONNECTION_BACK_OFF, failures, signal).catch(() => undefined);
    }
  }

  private async runSession(onReady: () => void): Promise<void> {
    const client = await SerialClient.connect(this.context.url, `ecolink-bus-${this.options.group}`);
    const signal = AbortSignal.any([this.closing.signal, client.lost]);
    signal.addEventListener('abort', () => this.wakeSignal.notify(), { once: true });
    try {
      // An offset that a crash of the server undoes only means that events are delivered again.
      await client.query('SET synchronous_commit = off');
      this.session = { client, signal };
      await this.pumpUntilAborted(client, signal, onReady);
    } catch (error) {
      client.close();
      throw error;
    } finally {
      // A new session must not start before the old handlers ended, or two would handle one partition. Theirs is the last
      // commit of an orderly close, so the connection goes after them.
      await this.pump.settle();
      this.session = undefined;
      client.close();
    }
  }

  private async pumpUntilAborted(client: SerialClient, signal: AbortSignal, onReady: () => void): Promise<void> {
    this.held = [];
    const floor = new ReadFloor(this.context.notifications);
    for (let [tickAtMs, isWoken] = [0, true]; !signal.aborted;) {
      if (performance.now() >= tickAtMs) {
        if (await this.acquire(client)) floor.makeDue();
        await this.measureLag(client);
        tickAtMs = performance.now() + TICK_MS;
        onReady();
      }
      if (signal.aborted) return;
      if (isWoken || floor.isDue) {
        floor.reads();
        await this.pump.pump(this.held);
      }
      isWoken = await this.wakeSignal.wait(Math.max(0, tickAtMs - performance.now()));
    }
  }

  /** Takes partitions that no member holds; true when there were some. */
  private async acquire(client: SerialClient): Promise<boolean> {
    const { group, topics } = this.options;
    const missing = partitionsOf(topics).filter(
      ({ topic, partition }) => !this.held.some((held) => held.topic === topic && held.partition === partition),
    );
    const acquired = await acquirePartitions(client, group, missing);
    this.held.push(...acquired.map((place) => ({ ...place, pending: 0, progressAtMs: this.context.now() })));
    return acquired.length > 0;
  }

  /** Reading says what waits for idle partitions; only those whose handler runs are counted. */
  private async measureLag(client: SerialClient): Promise<void> {
    const measured = this.held.filter((partition) => this.pump.isBusy(partition));
    if (measured.length > 0) notePending(measured, await countEventsAfter(client, measured, LAG_COUNT_MAX), this.context.now());
    this.tickedAtMs = this.context.now();
  }

  private async deliver(batch: EventBatch, partition: PumpedPartition): Promise<void> {
    const { group, handle, deadLetters } = this.options;
    const { session, poison } = this;
    if (session === undefined) throw new Error('the session is over');
    await deliverBatch(batch, {
      group,
      handle,
      poison,
      discard: (event, reason, attempts) => storeDeadLetter(deadLetters, { group, event, reason, attempts }),
      advance: async ({ position }) => {
        await commitOffset(session.client, group, { ...partition, position });
        partition.position = position;
        partition.progressAtMs = this.context.now();
      },
      canReachDatabase: () => session.client.query('SELECT 1').then(() => true),
      backOff: this.context.backOff,
      signal: session.signal,
      logger: this.context.logger,
    });
  }

  /** What fails outside the handler fails for want of the session: it is given up, and a new one reads the offsets again. */
  private giveUpSession(error: unknown): void {
    if (this.session?.signal.aborted !== false) return;
    this.context.logger.warn({ group: this.options.group, error: errorText(error) }, 'bus_delivery_broken_off');
    this.session.client.close();
  }

  private client(): SerialClient {
    if (this.session === undefined) throw new Error('the session is over');
    return this.session.client;
  }
}
