import type { Consumer, EachBatchPayload } from 'kafkajs';
import { errorText } from '../bus-logger.js';
import { partitionsOf } from '../declared-partitions.js';
import { deliverBatch, type Delivery, discardSurely } from '../delivery/deliver-batch.js';
import { canReachDatabase, storeDeadLetter } from '../delivery/store-dead-letter.js';
import { PoisonDetector } from '../delivery/poison-detector.js';
import type { ConsumeOptions, Progress, Subscription } from '../event-bus.js';
import { type DecodedMessage, fromMessage } from './cloud-event-message.js';
import type { KafkaContext } from './kafka-context.js';
import { PartitionGauge } from './partition-gauge.js';
import { SupervisedConsumer } from './supervised-consumer.js';

const JOIN_WAIT_MS = 15_000;
const HEARTBEAT_MS = 1_000;
const STANDSTILL_MAX_MS = 60_000;

/**
 * A member of a consumer group on Kafka. Offsets are committed after the handler only. A batch whose handler fails leaves
 * kafkajs's loop: its partition is paused and tried on beside it, so that the others of that broker are not held up.
 */
export class KafkaGroupConsumer implements Subscription {
  private readonly poison = new PoisonDetector();
  private readonly gauge: PartitionGauge;
  private readonly supervised: SupervisedConsumer;
  /** Deliveries under way, by partition: a partition that comes back to us waits for what we had of it before. */
  private readonly deliveries = new Map<string, Promise<void>>();
  private deliveriesUnderWay = 0;
  private assignment = new AbortController();
  private consumer: Consumer | undefined;

  private constructor(
    private readonly context: KafkaContext,
    private readonly options: ConsumeOptions,
  ) {
    const partitions = partitionsOf(options.topics);
    const { admin, logger, now, kafka } = context;
    this.gauge = new PartitionGauge({ admin, partitions, group: options.group, logger, now });
    this.supervised = new SupervisedConsumer({
      kafka,
      group: options.group,
      topics: options.topics,
      fromBeginning: true,
      concurrency: partitions.length,
      eachBatch: (payload) => this.eachBatch(payload),
      onJoin: (consumer, assignment) => {
        this.consumer = consumer;
        this.assignment = new AbortController();
        this.gauge.assign(assignment);
        consumer.resume(consumer.paused());
      },
      onLost: () => this.assignment.abort(),
      isStandingStill: () => this.isStandingStill(),
      logger,
    });
  }

  static async open(context: KafkaContext, options: ConsumeOptions): Promise<KafkaGroupConsumer> {
    const member = new KafkaGroupConsumer(context, options);
    await member.supervised.waitForJoin(JOIN_WAIT_MS);
    return member;
  }

  progress(): Progress {
    return this.gauge.progress();
  }

  async close(): Promise<void> {
    this.gauge.close();
    await this.supervised.close();
  }

  private isStandingStill(): boolean {
    const { lag, lastProgressAtMs } = this.gauge.progress();
    return lag > 0 && this.deliveriesUnderWay === 0 && this.context.now() - lastProgressAtMs > STANDSTILL_MAX_MS;
  }

  /** Returns without resolving anything when the partition was taken away; rejects when the group must be joined again. */
  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const key = `${batch.topic}/${batch.partition}`;
    const { signal } = this.assignment;
    const { consumer } = this;
    const heart = beat(() => payload.heartbeat());
    const failing = Promise.withResolvers<'failing'>();
    const before = this.deliveries.get(key) ?? Promise.resolve();
    this.deliveriesUnderWay += 1;
    const delivery = before
      .then(() => this.deliver(payload, consumer, signal, () => failing.resolve('failing')))
      .finally(() => (this.deliveriesUnderWay -= 1));
    this.deliveries.set(
      key,
      delivery.catch(() => undefined),
    );
    try {
      const outcome = await Promise.race([delivery.then(() => 'done' as const), failing.promise, heart.failed, aborted(signal)]);
      if (outcome === 'aborted' || signal.aborted) return;
      if (outcome === 'failing') this.goOnBeside(delivery, consumer, payload, payload.pause(), signal);
      payload.resolveOffset(batch.lastOffset());
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      heart.stop();
      delivery.catch(() => undefined);
    }
  }

  /** The partition is paused; when its batch is done it goes on, when that cannot be committed it is read again. */
  private goOnBeside(
    delivery: Promise<void>,
    consumer: Consumer | undefined,
    payload: EachBatchPayload,
    resume: () => void,
    signal: AbortSignal,
  ): void {
    const { topic, partition } = payload.batch;
    delivery
      .catch((error: unknown) => {
        if (signal.aborted) return;
        const offset = this.gauge.find(topic, partition)?.next?.toString() ?? payload.batch.firstOffset() ?? '0';
        this.context.logger.warn(
          { group: this.options.group, topic, partition, offset, error: errorText(error) },
          'kafka_batch_read_again',
        );
        consumer?.seek({ topic, partition, offset });
      })
      .finally(() => {
        if (!signal.aborted) resume();
      })
      .catch(() => undefined);
  }

  private async deliver(
    { batch }: EachBatchPayload,
    consumer: Consumer | undefined,
    signal: AbortSignal,
    onFailure: () => void,
  ): Promise<void> {
    const { topic, partition } = batch;
    const { group, handle, deadLetters, batchMax } = this.options;
    const { context, poison } = this;
    const commit = async (position: string) => {
      signal.throwIfAborted();
      const next = BigInt(position) + 1n;
      await consumer?.commitOffsets([{ topic, partition, offset: next.toString() }]);
      this.gauge.noteHandled(topic, partition, next);
    };
    const delivery: Delivery = {
      group,
      handle,
      poison,
      onFailure,
      discard: (event, reason, attempts) => storeDeadLetter(deadLetters, { group, event, reason, attempts }),
      advance: (last) => commit(last.position),
      canReachDatabase: () => canReachDatabase(deadLetters),
      backOff: context.backOff,
      signal,
      logger: context.logger,
    };
    const decoded = batch.messages.map((message) => fromMessage(topic, partition, message));
    for (let start = 0; start < decoded.length; start += batchMax) {
      await deliverDecoded(decoded.slice(start, start + batchMax), delivery);
    }
    await commit(batch.lastOffset());
  }
}

async function deliverDecoded(decoded: readonly DecodedMessage[], delivery: Delivery): Promise<void> {
  for (const message of decoded) {
    if (message.kind === 'undecodable') await discardSurely(message.event, message.reason, delivery);
  }
  const events = decoded.flatMap((message) => (message.kind === 'event' ? [message.event] : []));
  const [first] = events;
  if (first !== undefined) await deliverBatch({ topic: first.topic, partition: first.partition, events }, delivery);
}

/** Keeps the membership alive while a handler works. `failed` rejects when the group wants to be joined again. */
function beat(heartbeat: () => Promise<void>): { readonly failed: Promise<never>; stop(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const timer = setInterval(() => void heartbeat().catch(reject), HEARTBEAT_MS);
  return { failed: promise, stop: () => clearInterval(timer) };
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    else signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
}
