import { type BusEvent, partitionOf } from '@ecolink/contracts';
import type { Kafka, Message, RecordMetadata } from 'kafkajs';
import type { BusLogger } from '../bus-logger.js';
import { declarationOf } from '../declared-partitions.js';
import { withDeadline } from '../delivery/with-deadline.js';
import { toMessage } from './cloud-event-message.js';
import { ReplaceableProducer } from './replaceable-producer.js';

const SEND_DEADLINE_MS = 30_000;
const SEND_MESSAGES_MAX = 500;
/** Well under the broker's default limit of 1 MiB for a batch, headers included. */
const SEND_BYTES_MAX = 700_000;
const ALL_IN_SYNC_REPLICAS = -1;

/**
 * Publishes so that nothing acknowledged is ever lost. kafkajs forgets records of a send over several partitions when one
 * of them moves, and numbers a partition's records wrongly when several sends of it are under way and one fails. Hence:
 * one partition per send, one send per partition at a time, and the answer must name the partition.
 */
export class KafkaPublisher {
  private readonly producer: ReplaceableProducer;
  /** The last send of each partition; the next one waits for it. */
  private readonly lanes = new Map<string, Promise<void>>();

  constructor(kafka: Kafka, logger: BusLogger) {
    this.producer = new ReplaceableProducer(kafka, logger);
  }

  /** Waits for all partitions, also when one fails, so that the caller knows nothing is under way any more. */
  async publish(events: readonly BusEvent[]): Promise<void> {
    const byPartition = Map.groupBy(events, (event) => {
      const partition = partitionOf(declarationOf(event.topic).name, event.key);
      return `${event.topic}/${partition}`;
    });
    const results = await Promise.allSettled([...byPartition].map(([lane, own]) => this.publishToPartition(lane, own)));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.lanes.values());
    await this.producer.close();
  }

  private async publishToPartition(lane: string, events: readonly BusEvent[]): Promise<void> {
    const [first] = events;
    if (first === undefined) return;
    const partition = partitionOf(first.topic, first.key);
    const before = this.lanes.get(lane) ?? Promise.resolve();
    const sending = before.then(() => this.sendInParts(first.topic, partition, events));
    const settled = sending.catch(() => undefined);
    this.lanes.set(lane, settled);
    await sending;
  }

  private async sendInParts(topic: string, partition: number, events: readonly BusEvent[]): Promise<void> {
    for (const messages of partsOf(events.map((event) => toMessage(event, partition)))) {
      await this.producer.use((producer) => {
        const send = producer.send({ topic, messages, acks: ALL_IN_SYNC_REPLICAS });
        return withDeadline(send, SEND_DEADLINE_MS, `no acknowledgement of ${topic}/${partition}`).then((result) =>
          assertAcknowledged(result, topic, partition),
        );
      });
    }
  }
}

function assertAcknowledged(result: readonly RecordMetadata[], topic: string, partition: number): void {
  const acknowledged = result.some(
    (record) => record.topicName === topic && record.partition === partition && record.errorCode === 0,
  );
  if (!acknowledged) throw new Error(`the acknowledgement does not name ${topic}/${partition}`);
}

function partsOf(messages: readonly (Message & { readonly value: string })[]): readonly Message[][] {
  const parts: Message[][] = [];
  let bytes = SEND_BYTES_MAX;
  for (const message of messages) {
    const size = Buffer.byteLength(message.value);
    const part = parts.at(-1);
    if (part === undefined || part.length >= SEND_MESSAGES_MAX || bytes + size > SEND_BYTES_MAX) {
      parts.push([message]);
      bytes = size;
    } else {
      part.push(message);
      bytes += size;
    }
  }
  return parts;
}
