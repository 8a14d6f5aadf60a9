import { type BusLogger, errorText } from '../bus-logger.js';
import type { TopicPartition } from '../declared-partitions.js';
import { notePending, type PartitionProgress, progressOf } from '../delivery/partition-progress.js';
import type { Progress } from '../event-bus.js';
import type { SharedAdmin } from './shared-admin.js';

export interface GaugedPartition extends TopicPartition, PartitionProgress {
  /** Offset of the next event to handle; undefined while only the broker knows. */
  next: bigint | undefined;
}

export interface PartitionGaugeOptions {
  readonly admin: SharedAdmin;
  readonly partitions: readonly TopicPartition[];
  /** Where the committed offsets are read; undefined for a reader that commits none. */
  readonly group: string | undefined;
  readonly logger: BusLogger;
  readonly now: () => number;
}

const INTERVAL_MS = 2_000;

/**
 * Measures lag from the broker's own figures, beside the consumer: a consumer that restarts for ever, or was never
 * assigned anything, measures no lag of its own.
 */
export class PartitionGauge {
  readonly partitions: GaugedPartition[];
  /** Until a group was joined for the first time, all: nobody may tell that others handle them. */
  private assigned: ReadonlySet<GaugedPartition>;
  private measuredAtMs: number;
  private readonly timer: NodeJS.Timeout;
  private measuring = false;

  constructor(private readonly options: PartitionGaugeOptions) {
    const nowMs = options.now();
    this.partitions = options.partitions.map((place) => ({ ...place, pending: 0, progressAtMs: nowMs, next: undefined }));
    this.assigned = new Set(this.partitions);
    this.measuredAtMs = nowMs;
    this.timer = setInterval(() => void this.measure(), INTERVAL_MS);
  }

  progress(): Progress {
    return progressOf([...this.assigned], this.measuredAtMs);
  }

  find(topic: string, partition: number): GaugedPartition | undefined {
    return this.partitions.find((each) => each.topic === topic && each.partition === partition);
  }

  /** Only what this member has been given counts as its lag. */
  assign(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.assigned = new Set(this.partitions.filter(({ topic, partition }) => assignment[topic]?.includes(partition)));
  }

  noteHandled(topic: string, partition: number, next: bigint): void {
    const gauged = this.find(topic, partition);
    if (gauged === undefined) return;
    gauged.next = next;
    gauged.progressAtMs = this.options.now();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async measure(): Promise<void> {
    if (this.measuring) return;
    this.measuring = true;
    try {
      const topics = [...new Set(this.partitions.map((each) => each.topic))];
      await this.readCommitted(topics);
      for (const topic of topics) await this.readEnds(topic);
      this.measuredAtMs = this.options.now();
    } catch (error) {
      this.options.logger.warn({ group: this.options.group, error: errorText(error) }, 'kafka_lag_not_measured');
    } finally {
      this.measuring = false;
    }
  }

  private async readCommitted(topics: string[]): Promise<void> {
    const { admin, group } = this.options;
    if (group === undefined) return;
    const committed = await admin.run((connection) => connection.fetchOffsets({ groupId: group, topics }));
    for (const { topic, partitions } of committed) {
      for (const { partition, offset } of partitions) {
        const gauged = this.find(topic, partition);
        if (gauged !== undefined) gauged.next = offset === '-1' ? undefined : BigInt(offset);
      }
    }
  }

  private async readEnds(topic: string): Promise<void> {
    const ends = await this.options.admin.run((connection) => connection.fetchTopicOffsets(topic));
    for (const { partition, low, high } of ends) {
      const gauged = this.find(topic, partition);
      if (gauged === undefined) continue;
      const next = gauged.next ?? BigInt(low);
      notePending([gauged], [Math.max(0, Number(BigInt(high) - next))], this.options.now());
    }
  }
}
