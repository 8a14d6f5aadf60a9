import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';

/** Reads topics from Kafka. Offsets are the caller's: nothing is committed, so a group of its own is made for every run. */
export class KafkaSource {
  static async open({ brokers, group, environment }) {
    const kafka = new kafkajs.Kafka({
      clientId: 'billing-consumer',
      brokers: brokers.split(','),
      logLevel: kafkajs.logLevel.NOTHING,
      ...securityFrom(environment),
    });
    const admin = kafka.admin();
    await admin.connect();
    const { clusterId } = await admin.describeCluster();
    return new KafkaSource(kafka, admin, group ?? `billing-consumer-${randomUUID()}`, `kafka ${clusterId}`);
  }

  constructor(kafka, admin, group, name) {
    this.kafka = kafka;
    this.admin = admin;
    this.group = group;
    this.name = name;
  }

  /** Hands every event from the book's places on to the book. Ends where the topics ended at the call, or, following, with `signal`. */
  async read({ topics, book, follow, signal }) {
    const partitions = (await Promise.all(topics.map((topic) => this.placesOf(topic, book)))).flat();
    // Noted though nothing is read of them yet: what is deleted before the next run is then missed, and told.
    for (const { topic, partition, next } of partitions) book.take(topic, [], { [partition]: String(next) });
    const unread = new Set(partitions.filter(({ next, high }) => next < high));
    if (!follow && unread.size === 0) return;
    const consumer = this.kafka.consumer({ groupId: this.group, maxWaitTimeInMs: 500, allowAutoTopicCreation: false });
    const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers();
    signal.addEventListener('abort', end, { once: true });
    // Before anything is fetched, and after every rebalance: the book knows the places, the group does not.
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const { topic, partition, next } of partitions) consumer.seek({ topic, partition, offset: String(next) });
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) fail(payload.error);
    });
    const eachBatch = async ({ batch }) => {
      const place = partitions.find(({ topic, partition }) => topic === batch.topic && partition === batch.partition);
      if (signal.aborted || place === undefined) return;
      takeBatch(book, place, batch);
      if (place.next >= place.high) unread.delete(place);
      if (!follow && unread.size === 0) end();
    };
    try {
      await consumer.connect();
      await consumer.subscribe({ topics, fromBeginning: true });
      await consumer.run({ autoCommit: false, eachBatch });
      await ended;
    } finally {
      await consumer.disconnect();
      await this.admin.deleteGroups([this.group]).catch(() => undefined);
    }
  }

  async close() {
    await this.admin.disconnect();
  }

  /** The book's places, checked against what Kafka still has. */
  async placesOf(topic, book) {
    const known = book.positionsOf(topic);
    const offsets = await this.admin.fetchTopicOffsets(topic);
    return offsets.map(({ partition, low, high }) => {
      const next = BigInt(known[partition] ?? low);
      if (next < BigInt(low))
        throw new Error(`${topic}/${partition}: ${BigInt(low) - next} events were deleted before they were read`);
      if (next > BigInt(high))
        throw new Error(`${topic}/${partition} ends before the place reached earlier: is it another topic?`);
      return { topic, partition, next, high: BigInt(high) };
    });
  }
}

function takeBatch(book, place, batch) {
  const events = [];
  for (const message of batch.messages) {
    // A batch may begin before the place that was asked for.
    if (BigInt(message.offset) < place.next) continue;
    try {
      events.push(toEvent(message, place.partition));
    } catch (error) {
      book.noteProblem(`${place.topic}/${place.partition} at ${message.offset}: ${error.message}`);
    }
  }
  const next = BigInt(batch.lastOffset()) + 1n;
  if (next > place.next) place.next = next;
  book.take(place.topic, events, { [place.partition]: String(place.next) });
}

/** CloudEvents in binary mode: the attributes are headers `ce_…`, the value is the data as JSON. */
function toEvent(message, partition) {
  const id = message.headers?.ce_id?.toString();
  const source = message.headers?.ce_source?.toString();
  if (!id || !source || message.value === null) throw new Error('not a CloudEvent');
  return { id, source, partition, data: JSON.parse(message.value.toString()) };
}

/** The names that EcoLink's own services have for them. */
function securityFrom(environment) {
  const { KAFKA_TLS, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } = environment;
  const sasl = { mechanism: KAFKA_SASL_MECHANISM, username: KAFKA_SASL_USERNAME, password: KAFKA_SASL_PASSWORD };
  return { ...(KAFKA_TLS === '1' ? { ssl: true } : {}), ...(KAFKA_SASL_MECHANISM === undefined ? {} : { sasl }) };
}
