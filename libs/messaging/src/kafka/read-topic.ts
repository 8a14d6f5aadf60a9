import { randomUUID } from 'node:crypto';
import type { DeliveredEvent } from '@ecolink/contracts';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { formatCursor, parseCursor } from '../cursor.js';
import { declarationOf } from '../declared-partitions.js';
import { withDeadline } from '../delivery/with-deadline.js';
import type { ReadOptions, ReadPage } from '../event-bus.js';
import { fromMessage } from './cloud-event-message.js';
import type { KafkaContext } from './kafka-context.js';
import { fetchTopicEnds } from './topic-ends.js';

const READ_TIMEOUT_MS = 15_000;
const FETCH_WAIT_MS = 100;

interface ReadPartition {
  readonly partition: number;
  /** Offset of the next event that the reader wants. */
  next: bigint;
  readonly high: bigint;
  readonly messages: KafkaMessage[];
}

/** A page of a topic. The cursor holds the next offset of every partition. */
export async function readTopic(context: KafkaContext, options: ReadOptions): Promise<ReadPage> {
  const { partitions: count } = declarationOf(options.topic);
  const after = options.after === undefined ? undefined : parseCursor(options.after, count);
  const ends = await fetchTopicEnds(context.admin, [options.topic]);
  const partitions = ends.slice(0, count).map(({ partition, low, high }) => {
    const wanted = BigInt(after?.[partition] ?? low);
    return { partition, next: wanted < low ? low : wanted, high, messages: [] as KafkaMessage[] };
  });
  partitions.sort((one, other) => one.partition - other.partition);
  const unread = partitions.filter((each) => each.next < each.high);
  if (unread.length > 0) await fetchMessages(context, options, unread);
  const events = merge(options, partitions);
  const cursor = formatCursor(partitions.map((each) => each.next.toString()));
  return { events, cursor: events.length === 0 && options.after !== undefined ? options.after : cursor };
}

/** kafkajs reads only as a group, so this is one that lives for one page and commits nothing. */
async function fetchMessages(context: KafkaContext, options: ReadOptions, partitions: readonly ReadPartition[]): Promise<void> {
  const groupId = `ecolink-read-${context.clientId}-${randomUUID()}`;
  const consumer = context.kafka.consumer({ groupId, maxWaitTimeInMs: FETCH_WAIT_MS, allowAutoTopicCreation: false });
  const complete = Promise.withResolvers<void>();
  const missing = new Set(partitions);
  consumer.on(consumer.events.GROUP_JOIN, () => seekAll(consumer, options.topic, partitions));
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) complete.reject(payload.error);
  });
  const eachBatch = (payload: EachBatchPayload): Promise<void> => {
    const place = partitions.find((each) => each.partition === payload.batch.partition);
    if (place !== undefined && takeBatch(payload, place, options.limit)) missing.delete(place);
    if (missing.size === 0) complete.resolve();
    return Promise.resolve();
  };
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [options.topic], fromBeginning: false });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
    // Records that are gone from the end of a partition never come: what was read by then is the page.
    await withDeadline(complete.promise, READ_TIMEOUT_MS, `${options.topic} not read to its end`).catch(() => undefined);
  } finally {
    await consumer.disconnect();
    await context.admin.run((admin) => admin.deleteGroups([groupId])).catch(() => undefined);
  }
}

/** Called at every join, before anything is fetched: reading starts over, so what was read before is dropped. */
function seekAll(consumer: Consumer, topic: string, partitions: readonly ReadPartition[]): void {
  for (const { partition, next, messages } of partitions) {
    messages.length = 0;
    consumer.seek({ topic, partition, offset: next.toString() });
  }
}

/** True when nothing more of the partition is wanted. */
function takeBatch(payload: EachBatchPayload, place: ReadPartition, limit: number): boolean {
  const { batch } = payload;
  for (const message of batch.messages) if (BigInt(message.offset) >= place.next) place.messages.push(message);
  payload.resolveOffset(batch.lastOffset());
  const isDone = place.messages.length >= limit || BigInt(batch.lastOffset()) + 1n >= place.high;
  if (isDone) payload.pause();
  return isDone;
}

/** Takes up to `limit` events, the oldest of the partitions' heads first, and moves the places behind them. */
function merge(options: ReadOptions, partitions: readonly ReadPartition[]): readonly DeliveredEvent[] {
  const events: DeliveredEvent[] = [];
  const heads = new Map(partitions.map((each) => [each, 0]));
  while (events.length < options.limit) {
    const oldest = partitions
      .flatMap((each) => {
        const message = each.messages[heads.get(each) ?? 0];
        return message === undefined ? [] : [{ each, message }];
      })
      .reduce<{ each: ReadPartition; message: KafkaMessage } | undefined>(
        (best, head) => (best === undefined || Number(head.message.timestamp) < Number(best.message.timestamp) ? head : best),
        undefined,
      );
    if (oldest === undefined) break;
    const { each, message } = oldest;
    heads.set(each, (heads.get(each) ?? 0) + 1);
    each.next = BigInt(message.offset) + 1n;
    events.push(fromMessage(options.topic, each.partition, message).event);
  }
  return events;
}
