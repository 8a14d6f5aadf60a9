import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { partitionsOf } from '../declared-partitions.js';
import { deliverToTail } from '../delivery/deliver-to-tail.js';
import type { Progress, Subscription, TailOptions } from '../event-bus.js';
import { fromMessage } from './cloud-event-message.js';
import type { KafkaContext } from './kafka-context.js';
import { PartitionGauge } from './partition-gauge.js';
import { SupervisedConsumer } from './supervised-consumer.js';
import { fetchTopicEnds } from './topic-ends.js';

const JOIN_WAIT_MS = 15_000;
const HEARTBEAT_MS = 1_000;

/**
 * Broadcast on Kafka: a group of its own that never commits. Places are kept here and set again after every join, because
 * the group's own default, the end of the log, would leave out what was published while it was away.
 */
export class KafkaTail implements Subscription {
  private readonly gauge: PartitionGauge;
  private readonly supervised: SupervisedConsumer;
  private readonly group: string;
  private assignment = new AbortController();

  private constructor(
    private readonly context: KafkaContext,
    private readonly options: TailOptions,
    positions: ReadonlyMap<string, bigint>,
  ) {
    const { admin, logger, now, kafka, clientId } = context;
    const partitions = partitionsOf(options.topics);
    this.group = `ecolink-tail-${clientId}-${randomUUID()}`;
    this.gauge = new PartitionGauge({ admin, partitions, group: undefined, logger, now });
    for (const partition of this.gauge.partitions) partition.next = positions.get(`${partition.topic}/${partition.partition}`);
    this.supervised = new SupervisedConsumer({
      kafka,
      group: this.group,
      topics: options.topics,
      fromBeginning: false,
      concurrency: partitions.length,
      eachBatch: (payload) => this.eachBatch(payload),
      onJoin: (consumer) => this.onJoin(consumer),
      onLost: () => this.assignment.abort(),
      logger,
    });
  }

  /** Resolves when what is published from then on is sure to be delivered. */
  static async open(context: KafkaContext, options: TailOptions): Promise<KafkaTail> {
    const ends = await fetchTopicEnds(context.admin, options.topics);
    const positions = new Map(ends.map((end) => [`${end.topic}/${end.partition}`, end.high]));
    const tail = new KafkaTail(context, options, positions);
    await tail.supervised.waitForJoin(JOIN_WAIT_MS);
    return tail;
  }

  progress(): Progress {
    return this.gauge.progress();
  }

  async close(): Promise<void> {
    this.gauge.close();
    await this.supervised.close();
    await this.context.admin.run((admin) => admin.deleteGroups([this.group])).catch(() => undefined);
  }

  private onJoin(consumer: Consumer): void {
    this.assignment = new AbortController();
    for (const { topic, partition, next } of this.gauge.partitions) {
      if (next !== undefined) consumer.seek({ topic, partition, offset: next.toString() });
    }
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { topic, partition } = batch;
    const { signal } = this.assignment;
    const timer = setInterval(() => void payload.heartbeat().catch(() => undefined), HEARTBEAT_MS);
    const decoded = batch.messages.map((message) => fromMessage(topic, partition, message));
    const events = decoded.flatMap((message) => (message.kind === 'event' ? [message.event] : []));
    const { backOff, logger } = this.context;
    try {
      if (events.length > 0)
        await deliverToTail({ topic, partition, events }, { handle: this.options.handle, backOff, logger, signal });
      if (signal.aborted) return;
      this.gauge.noteHandled(topic, partition, BigInt(batch.lastOffset()) + 1n);
      payload.resolveOffset(batch.lastOffset());
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(timer);
    }
  }
}
