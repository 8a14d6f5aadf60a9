import type pg from 'pg';
import { errorText } from '../bus-logger.js';
import { partitionsOf } from '../declared-partitions.js';
import { WakeSignal } from '../delivery/wake-signal.js';
import { deliverToTail } from '../delivery/deliver-to-tail.js';
import { withDeadline } from '../delivery/with-deadline.js';
import { notePending, progressOf } from '../delivery/partition-progress.js';
import type { EventBatch, Progress, Subscription, TailOptions } from '../event-bus.js';
import { countEventsAfter, fetchEventsAfter, fetchHeads } from './bus-rows.js';
import type { EmbeddedSubscriptionContext } from './group-consumer.js';
import { PartitionPump, type PumpedPartition } from './partition-pump.js';
import { ReadFloor } from './read-floor.js';

const TICK_MS = 1_000;
const BATCH_MAX = 500;
const LAG_COUNT_MAX = 10_000;
const CLOSE_TIMEOUT_MS = 15_000;

/** Broadcast on the embedded log: starts at the end, keeps its places in memory, and needs a connection only to read. */
export class TailReader implements Subscription {
  private readonly closing = new AbortController();
  private readonly wakeSignal = new WakeSignal();
  private readonly pump: PartitionPump;
  private tickedAtMs: number;
  private readonly unsubscribe: () => void;
  private readonly running: Promise<void>;

  private constructor(
    private readonly context: EmbeddedSubscriptionContext,
    private readonly options: TailOptions,
    private readonly pool: pg.Pool,
    private readonly partitions: readonly PumpedPartition[],
  ) {
    this.tickedAtMs = context.now();
    this.pump = new PartitionPump({
      batchMax: BATCH_MAX,
      fetch: (idle, limit) => fetchEventsAfter(pool, idle, limit),
      deliver: (batch, partition) => this.deliver(batch, partition),
      onDelivered: (mayHaveMore) => {
        if (mayHaveMore) this.wakeSignal.notify();
      },
      now: context.now,
    });
    const topics = new Set(options.topics);
    this.unsubscribe = context.notifications.subscribe((topic) => {
      if (topic === undefined || topics.has(topic)) this.wakeSignal.notify();
    });
    this.running = this.run();
  }

  /** Resolves when the places are known: what is published from then on is delivered. */
  static async open(context: EmbeddedSubscriptionContext, options: TailOptions, pool: pg.Pool): Promise<TailReader> {
    const partitions = partitionsOf(options.topics);
    const heads = await fetchHeads(pool, partitions);
    const places = partitions.map((partition, index) => ({
      ...partition,
      position: heads[index] ?? '0',
      pending: 0,
      progressAtMs: context.now(),
    }));
    return new TailReader(context, options, pool, places);
  }

  progress(): Progress {
    return progressOf(this.partitions, this.tickedAtMs);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.unsubscribe();
    this.wakeSignal.notify();
    await withDeadline(this.running, CLOSE_TIMEOUT_MS, 'the handler did not end').catch((error: unknown) =>
      this.context.logger.warn({ topics: this.options.topics, error: errorText(error) }, 'bus_handler_left_behind'),
    );
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    const floor = new ReadFloor(this.context.notifications);
    for (let [tickAtMs, isWoken] = [0, true]; !signal.aborted;) {
      const waitMs = tickAtMs - performance.now();
      try {
        if (waitMs <= 0) {
          tickAtMs = performance.now() + TICK_MS;
          await this.measureLag();
        }
        if (isWoken || floor.isDue) {
          floor.reads();
          await this.pump.pump(this.partitions);
        }
      } catch (error) {
        floor.makeDue();
        this.context.logger.warn({ topics: this.options.topics, error: errorText(error) }, 'bus_tail_read_failed');
      }
      isWoken = await this.wakeSignal.wait(Math.max(0, tickAtMs - performance.now()));
    }
    await this.pump.settle();
  }

  /** Reading says what waits for idle partitions; only those whose handler runs are counted. */
  private async measureLag(): Promise<void> {
    const measured = this.partitions.filter((partition) => this.pump.isBusy(partition));
    if (measured.length > 0)
      notePending(measured, await countEventsAfter(this.pool, measured, LAG_COUNT_MAX), this.context.now());
    this.tickedAtMs = this.context.now();
  }

  private async deliver(batch: EventBatch, partition: PumpedPartition): Promise<void> {
    const { backOff, logger } = this.context;
    await deliverToTail(batch, { handle: this.options.handle, backOff, logger, signal: this.closing.signal });
    partition.position = batch.events.at(-1)?.position ?? partition.position;
  }
}
