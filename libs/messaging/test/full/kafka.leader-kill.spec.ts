import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BusEvent, partitionOf, TOPIC } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import kafkajs from 'kafkajs';
import type { Kafka } from 'kafkajs';
import { type KafkaCluster, startKafka } from '../kafka-cluster.js';
import { createBus, ensureTopics } from '../../src/index.js';
import { silentLogger } from '../quiet.js';

const TIMEOUT_MS = 300_000;
const LOAD_MS = 12_000;
const KILL_AFTER_MS = 3_000;
const EVENTS_PER_PUBLISH = 20;
const PUBLISHERS = 12;
const NAIVE_TRIES_MAX = 4;
const PAGE = 5_000;
const topic = TOPIC.usageRecorded;

let dataDir: string;
let cluster: KafkaCluster;
let kafka: Kafka;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'ecolink-kafka-'));
  cluster = await startKafka({ dataDir, brokers: 3 });
  const hasAllBrokers = () =>
    ensureTopics({ brokers: cluster.bootstrap, replicationFactor: 3, logger: silentLogger }).then(
      () => true,
      () => false,
    );
  await waitFor(hasAllBrokers, { timeoutMs: 60_000, what: 'topics with three replicas' });
  kafka = new kafkajs.Kafka({
    brokers: cluster.bootstrap.split(','),
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500 },
  });
}, TIMEOUT_MS);
afterAll(async () => {
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
}, TIMEOUT_MS);

async function leaderOf(partition: number): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.find((each) => each.partitionId === partition)?.leader ?? 0;
  } finally {
    await admin.disconnect();
  }
}

/** Every publisher has a key of its own; `send` resolves when its events count as acknowledged. */
async function publishWhileALeaderDies(
  source: string,
  send: (events: readonly BusEvent[]) => Promise<void>,
): Promise<ReadonlySet<string>> {
  const acknowledged = new Set<string>();
  const endMs = Date.now() + LOAD_MS;
  const publishers = Array.from({ length: PUBLISHERS }, async (_, publisher) => {
    for (let batch = 0; Date.now() < endMs; batch += 1) {
      const events = Array.from({ length: EVENTS_PER_PUBLISH }, (_, index) =>
        eventOf(source, publisher, batch * EVENTS_PER_PUBLISH + index),
      );
      await send(events).then(
        () => events.forEach((event) => acknowledged.add(event.id)),
        () => undefined,
      );
    }
  });
  await new Promise((resolve) => setTimeout(resolve, KILL_AFTER_MS));
  const victim = await leaderOf(0);
  await cluster.kill(victim);
  await Promise.all(publishers);
  await cluster.restart(victim);
  return acknowledged;
}

function eventOf(source: string, publisher: number, number: number): BusEvent {
  return {
    id: `evt_${publisher}_${number}`,
    source,
    topic,
    key: `acc_${publisher}`,
    occurredAt: new Date(),
    data: { filling: 'x'.repeat(300) },
  };
}

/** How often each event of a source stands on the log. */
async function countOnLog(source: string): Promise<ReadonlyMap<string, number>> {
  const bus = createBus({ clientId: 'check', kafkaBrokers: cluster.bootstrap, logger: silentLogger });
  const counts = new Map<string, number>();
  try {
    for (let after: string | undefined; ;) {
      const page = await bus.read({ topic, limit: PAGE, ...(after === undefined ? {} : { after }) });
      if (page.events.length === 0) return counts;
      for (const event of page.events) {
        if (event.source === source) counts.set(event.id, (counts.get(event.id) ?? 0) + 1);
      }
      after = page.cursor;
    }
  } finally {
    await bus.close();
  }
}

function report(how: string, acknowledged: ReadonlySet<string>, onLog: ReadonlyMap<string, number>): number {
  const lost = [...acknowledged].filter((id) => !onLog.has(id)).length;
  const repeated = [...onLog.values()].filter((count) => count > 1).length;
  process.stdout.write(`${how}: ${acknowledged.size} acknowledged, ${lost} lost, ${repeated} more than once\n`);
  return lost;
}

describe('three brokers of which one that leads partitions is killed under load', () => {
  it(
    'hold every event whose publishing was acknowledged, once after deduplication',
    async () => {
      const bus = createBus({ clientId: 'careful', kafkaBrokers: cluster.bootstrap, logger: silentLogger });
      const acknowledged = await publishWhileALeaderDies('careful', (events) => bus.publish(events));
      await bus.close();
      const onLog = await countOnLog('careful');
      expect(new Set([...acknowledged].map((id) => partitionOf(topic, `acc_${id.split('_')[1]}`))).size).toBe(6);
      expect(acknowledged.size).toBeGreaterThan(5_000);
      expect(report('one partition a send, one send a partition', acknowledged, onLog)).toBe(0);
    },
    TIMEOUT_MS,
  );

  /** Not a promise of ours but the reason for the rule. A race inside kafkajs decides, so it is reported, never required. */
  it(
    'show what the rule is for: the plain way of sending is tried until it loses something',
    async () => {
      let lost = 0;
      for (let attempt = 1; attempt <= NAIVE_TRIES_MAX && lost === 0; attempt += 1) {
        const source = `naive-${attempt}`;
        const producer = kafka.producer({ idempotent: true, createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
        await producer.connect();
        const send = async (events: readonly BusEvent[]) => {
          const messages = events.map((event, index) => ({
            key: event.key,
            partition: index % 6,
            value: JSON.stringify(event.data),
            headers: { ce_id: event.id, ce_source: source, ce_time: event.occurredAt.toISOString() },
          }));
          await producer.send({ topic, messages, acks: -1, timeout: 5_000 });
        };
        const withoutEnd = (events: readonly BusEvent[]) =>
          Promise.race([send(events), new Promise<never>((_, reject) => setTimeout(() => reject(new Error('late')), LOAD_MS))]);
        const acknowledged = await publishWhileALeaderDies(source, withoutEnd);
        await producer.disconnect();
        lost = report(`idempotent, several sends in flight, try ${attempt}`, acknowledged, await countOnLog(source));
      }
      if (lost === 0) process.stdout.write(`no loss in ${NAIVE_TRIES_MAX} tries: the race did not happen this time\n`);
    },
    TIMEOUT_MS,
  );
});
