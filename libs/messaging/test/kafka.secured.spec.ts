import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BusEvent, TOPIC } from '@ecolink/contracts';
import { makeCertificate } from '@ecolink/testing';
import { createBus, ensureTopics, type EventBus, kafkaSecurityFromEnvironment } from '../src/index.js';
import { Collector, RememberedDeadLetters } from './collector.js';
import { type KafkaCluster, startKafka } from './kafka-cluster.js';
import { silentLogger } from './quiet.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 240_000;
const USERNAME = 'ecolink';
const PASSWORD = 'a-password-of-tests';

let directory: string;
let cluster: KafkaCluster;
let brokers: string;
let environment: Record<string, string>;
let buses: EventBus[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-secured-'));
  const { keyFile, certificateFile } = makeCertificate(directory);
  const both = path.join(directory, 'both.pem');
  await writeFile(both, (await readFile(keyFile, 'utf8')) + (await readFile(certificateFile, 'utf8')), { mode: 0o600 });
  cluster = await startKafka({
    dataDir: path.join(directory, 'kafka'),
    secured: { username: USERNAME, password: PASSWORD, keyAndCertificateFile: both },
  });
  brokers = cluster.securedBootstrap ?? '';
  environment = {
    KAFKA_TLS_CA_FILE: certificateFile,
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_SASL_USERNAME: USERNAME,
    KAFKA_SASL_PASSWORD: PASSWORD,
  };
}, START_TIMEOUT_MS);

afterEach(async () => {
  await Promise.all(buses.map((bus) => bus.close()));
  buses = [];
});

afterAll(async () => {
  await cluster?.stop();
  await rm(directory, { recursive: true, force: true });
});

function busOf(variables: Record<string, string>): EventBus {
  const kafkaSecurity = kafkaSecurityFromEnvironment(variables);
  const bus = createBus({ clientId: 'test', kafkaBrokers: brokers, kafkaSecurity, logger: silentLogger });
  buses.push(bus);
  return bus;
}

function eventOf(id: string): BusEvent {
  return { id, source: 'test', topic: TOPIC.priceChanged, key: 'instance:1', occurredAt: new Date(), data: { id } };
}

describe('a Kafka that wants TLS and a password', () => {
  it(
    'gets its topics, takes events and hands them over to one that has both from its environment',
    async () => {
      const { created } = await ensureTopics({ brokers, security: kafkaSecurityFromEnvironment(environment) });
      expect(created).toContain(TOPIC.priceChanged);
      const bus = busOf(environment);
      await bus.publish([eventOf('evt_1'), eventOf('evt_2')]);
      const collector = new Collector('test');
      await bus.consume({
        group: 'secured',
        topics: [TOPIC.priceChanged],
        batchMax: 10,
        handle: collector.handle,
        deadLetters: new RememberedDeadLetters(),
      });
      await collector.hasAll(['evt_1', 'evt_2']);
    },
    TEST_TIMEOUT_MS,
  );

  const STRANGERS: [who: string, changed: Record<string, string>, without: string[]][] = [
    ['with a wrong password', { KAFKA_SASL_PASSWORD: 'wrong' }, []],
    ['that does not know the authority', { KAFKA_TLS: '1' }, ['KAFKA_TLS_CA_FILE']],
    ['without TLS', {}, ['KAFKA_TLS_CA_FILE']],
  ];
  it.each(STRANGERS)(
    'takes nothing from one %s',
    async (_who, changed, without) => {
      const variables = Object.fromEntries(
        Object.entries({ ...environment, ...changed }).filter(([name]) => !without.includes(name)),
      );
      await expect(busOf(variables).publish([eventOf('evt_refused')])).rejects.toThrow();
    },
    TEST_TIMEOUT_MS,
  );
});
