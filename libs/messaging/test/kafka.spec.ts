import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BusEvent, partitionOf, TOPIC, TOPICS } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import kafkajs from 'kafkajs';
import type { Kafka } from 'kafkajs';
import { type KafkaCluster, startKafka } from './kafka-cluster.js';
import { createBus, ensureTopics, type EventBus } from '../src/index.js';
import { Collector, RememberedDeadLetters } from './collector.js';
import { QUICK_BACK_OFF, silentLogger } from './quiet.js';

const TIMEOUT_MS = 240_000;
const PATIENCE_MS = 60_000;

let dataDir: string;
let cluster: KafkaCluster;
let kafka: Kafka;
let bus: EventBus;
let made = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'ecolink-kafka-'));
  cluster = await startKafka({ dataDir });
  kafka = new kafkajs.Kafka({ brokers: cluster.bootstrap.split(','), logLevel: kafkajs.logLevel.NOTHING });
}, TIMEOUT_MS);
afterAll(async () => {
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
}, TIMEOUT_MS);
beforeEach(() => {
  bus = createBus({ clientId: 'test', kafkaBrokers: cluster.bootstrap, logger: silentLogger, backOff: QUICK_BACK_OFF });
});
afterEach(() => bus.close(), TIMEOUT_MS);

const ensure = () => ensureTopics({ brokers: cluster.bootstrap, logger: silentLogger });

async function withAdmin<T>(run: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await run(admin);
  } finally {
    await admin.disconnect();
  }
}

function eventOf(topic: string, key: string): BusEvent {
  made += 1;
  return { id: `evt_${made}`, source: 'test', topic, key, occurredAt: new Date(), data: { made } };
}

describe('ensureTopics', () => {
  it(
    'creates every declared topic, and finds nothing to do the next time',
    async () => {
      expect(await ensure()).toEqual({ created: TOPICS.map((topic) => topic.name), drift: [] });
      expect(await ensure()).toEqual({ created: [], drift: [] });
      const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: TOPIC.keyChanged, configNames: ['cleanup.policy'] }];
      const described = await withAdmin((admin) => admin.describeConfigs({ includeSynonyms: false, resources }));
      expect(described.resources[0]?.configEntries).toMatchObject([{ configName: 'cleanup.policy', configValue: 'compact' }]);
    },
    TIMEOUT_MS,
  );

  it(
    'reports a topic that is not as declared, and changes nothing about it',
    async () => {
      const retention = [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: TOPIC.ledgerPosted,
          configEntries: [{ name: 'retention.ms', value: '1000000' }],
        },
      ];
      await withAdmin(async (admin) => {
        await admin.alterConfigs({ validateOnly: false, resources: retention });
        await admin.createPartitions({ topicPartitions: [{ topic: TOPIC.regionChanged, count: 2 }] });
      });
      // The broker that answers may learn of the change a moment later.
      await waitFor(async () => (await ensure()).drift.length === 2, { timeoutMs: PATIENCE_MS, what: 'the change' });
      const { created, drift } = await ensure();
      expect(created).toEqual([]);
      expect(drift).toEqual([
        { topic: TOPIC.ledgerPosted, setting: 'retention.ms', expected: '2592000000', actual: '1000000' },
        { topic: TOPIC.regionChanged, setting: 'partitions', expected: '1', actual: '2' },
      ]);
      expect((await ensure()).drift).toEqual(drift);
    },
    TIMEOUT_MS,
  );
});

describe('a consumer group on Kafka', () => {
  it(
    'moves records that are no events to the dead letters, bytes and all, and goes on',
    async () => {
      const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
      await producer.connect();
      await producer.send({ topic: TOPIC.priceChanged, messages: [{ key: 'stranger', value: '{"half":' }] });
      await producer.disconnect();
      const event = eventOf(TOPIC.priceChanged, 'instance:1');
      await bus.publish([event]);
      const collector = new Collector('test');
      const deadLetters = new RememberedDeadLetters();
      await bus.consume({
        group: 'undecodable',
        topics: [TOPIC.priceChanged],
        batchMax: 10,
        handle: collector.handle,
        deadLetters,
      });
      await collector.hasAll([event.id]);
      expect(deadLetters.letters).toMatchObject([
        {
          reason: expect.stringContaining('undecodable record'),
          event: { key: 'stranger', data: { value_base64: Buffer.from('{"half":').toString('base64') } },
        },
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'does not let one failing partition hold up the others of its broker',
    async () => {
      const [ill, well] = ['acc_0', 'acc_1'];
      expect(partitionOf(TOPIC.usageRecorded, ill)).not.toBe(partitionOf(TOPIC.usageRecorded, well));
      const collector = new Collector('test');
      let isIll = true;
      const handle = (batch: Parameters<Collector['handle']>[0]) => {
        if (isIll && batch.events.some((event) => event.key === ill)) throw new Error('this partition is ill');
        return collector.handle(batch);
      };
      const deadLetters = { store: () => Promise.reject(new Error('full')) };
      const subscription = await bus.consume({ group: 'ill', topics: [TOPIC.usageRecorded], batchMax: 10, handle, deadLetters });
      const stuck = [eventOf(TOPIC.usageRecorded, ill), eventOf(TOPIC.usageRecorded, ill)];
      await bus.publish(stuck);
      const others = Array.from({ length: 5 }, () => eventOf(TOPIC.usageRecorded, well));
      for (const event of others) await bus.publish([event]);
      await collector.hasAll(others.map((event) => event.id));
      await waitFor(() => subscription.progress().lag === stuck.length, {
        timeoutMs: PATIENCE_MS,
        what: 'the lag of the ill partition',
      });
      isIll = false;
      const later = eventOf(TOPIC.usageRecorded, ill);
      await bus.publish([later]);
      await collector.hasAll([...stuck, later].map((event) => event.id));
      expect(collector.events.filter((event) => event.key === ill).map((event) => event.id)).toEqual(
        [...stuck, later].map((event) => event.id),
      );
      await waitFor(() => subscription.progress().lag === 0, { timeoutMs: PATIENCE_MS, what: 'the end of the lag' });
    },
    TIMEOUT_MS,
  );

  it(
    'goes on by itself after the broker was killed and came back',
    async () => {
      const [member, tail] = [new Collector('test'), new Collector('test')];
      const topics = [TOPIC.accountChanged];
      await bus.consume({
        group: 'restart',
        topics,
        batchMax: 10,
        handle: member.handle,
        deadLetters: new RememberedDeadLetters(),
      });
      await bus.tail({ topics, handle: tail.handle });
      const before = eventOf(TOPIC.accountChanged, 'acc_1');
      await bus.publish([before]);
      await member.hasAll([before.id]);
      await tail.hasAll([before.id]);
      await cluster.kill(1);
      await cluster.restart(1);
      const after = eventOf(TOPIC.accountChanged, 'acc_1');
      await bus.publish([after]);
      await member.hasAll([after.id]);
      await tail.hasAll([after.id]);
      expect([...new Set(member.ids)]).toEqual([before.id, after.id]);
    },
    TIMEOUT_MS,
  );
});
