import type { DeliveredEvent } from '@ecolink/contracts';
import type { TopicPartition } from '../declared-partitions.js';
import { notePending, type PartitionProgress } from '../delivery/partition-progress.js';
import type { EventBatch } from '../event-bus.js';

/** A partition that this subscription reads, and how far it is. */
export interface PumpedPartition extends TopicPartition, PartitionProgress {
  position: string;
}

export interface PumpOptions {
  readonly batchMax: number;
  readonly fetch: (partitions: readonly PumpedPartition[], limit: number) => Promise<readonly DeliveredEvent[]>;
  /** Resolves when the batch is done and `partition.position` stands behind it. */
  readonly deliver: (batch: EventBatch, partition: PumpedPartition) => Promise<void>;
  /** A delivery ended. `mayHaveMore`: what came to its partition meanwhile was not looked at, or one batch did not hold all. */
  readonly onDelivered: (mayHaveMore: boolean) => void;
  /** A delivery could not be completed. */
  readonly onFailed?: (error: unknown) => void;
  readonly now: () => number;
}

/** Reads many partitions with one statement and delivers each by itself: a slow or failing one holds up only itself. */
export class PartitionPump {
  private readonly deliveries = new Map<PumpedPartition, Promise<void>>();
  /** Partitions that were not read because a handler ran, or not to their end. */
  private readonly unread = new Set<PumpedPartition>();

  constructor(private readonly options: PumpOptions) {}

  /** One round: what idle partitions have is handed over; returns without waiting for the handlers. */
  async pump(partitions: readonly PumpedPartition[]): Promise<void> {
    const idle = partitions.filter((partition) => !this.deliveries.has(partition));
    for (const partition of this.deliveries.keys()) this.unread.add(partition);
    if (idle.length === 0) return;
    const events = await this.options.fetch(idle, this.options.batchMax);
    for (const partition of idle) {
      const own = events.filter((event) => event.partition === partition.partition && event.topic === partition.topic);
      notePending([partition], [own.length === 0 ? 0 : Math.max(partition.pending, own.length)], this.options.now());
      if (own.length > 0) this.start({ topic: partition.topic, partition: partition.partition, events: own }, partition);
    }
  }

  /** Whether a handler runs for it. */
  isBusy(partition: PumpedPartition): boolean {
    return this.deliveries.has(partition);
  }

  /** Resolves when no handler runs any more. */
  async settle(): Promise<void> {
    await Promise.all(this.deliveries.values());
  }

  private start(batch: EventBatch, partition: PumpedPartition): void {
    const delivery = this.options
      .deliver(batch, partition)
      .then(() => {
        partition.pending = Math.max(0, partition.pending - batch.events.length);
        partition.progressAtMs = this.options.now();
      })
      .then(
        () => this.end(partition),
        (error: unknown) => this.end(partition, error),
      );
    this.deliveries.set(partition, delivery);
    if (batch.events.length >= this.options.batchMax) this.unread.add(partition);
  }

  private end(partition: PumpedPartition, error?: unknown): void {
    this.deliveries.delete(partition);
    const mayHaveMore = this.unread.delete(partition);
    if (error !== undefined) this.options.onFailed?.(error);
    this.options.onDelivered(mayHaveMore || error !== undefined);
  }
}
