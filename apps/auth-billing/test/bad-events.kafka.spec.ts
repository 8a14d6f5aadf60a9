import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureTopics } from '@ecolink/messaging';
import { badEventsContract } from './bad-events.contract.js';
import { type KafkaCluster, startKafka } from './kafka-cluster.js';
import { TestService } from './service.js';

const START_TIMEOUT_MS = 180_000;

let directory: string;
let kafka: KafkaCluster;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-bad-events-'));
  kafka = await startKafka({ dataDir: directory, brokers: 1 });
  await ensureTopics({ brokers: kafka.bootstrap });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await kafka?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('on Kafka', () => {
  badEventsContract(() => TestService.start(() => new Date(), kafka.bootstrap));
});
