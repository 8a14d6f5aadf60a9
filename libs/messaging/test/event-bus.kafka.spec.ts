import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startKafka } from './kafka-cluster.js';
import { createBus, ensureTopics } from '../src/index.js';
import { eventBusContract } from './event-bus.contract.js';
import { QUICK_BACK_OFF, silentLogger } from './quiet.js';

describe('Kafka', () => {
  eventBusContract(async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'ecolink-kafka-'));
    const cluster = await startKafka({ dataDir });
    await ensureTopics({ brokers: cluster.bootstrap, logger: silentLogger });
    return {
      createBus: () =>
        createBus({ clientId: 'test', kafkaBrokers: cluster.bootstrap, logger: silentLogger, backOff: QUICK_BACK_OFF }),
      environment: { KAFKA_BROKERS: cluster.bootstrap },
      close: async () => {
        await cluster.stop();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  });
});
