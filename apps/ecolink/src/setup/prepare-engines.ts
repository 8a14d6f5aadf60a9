import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { migrateDatabase } from '@ecolink/database';
import { ensureTopics, kafkaSecurityFromEnvironment } from '@ecolink/messaging';
import { createLogger } from '@ecolink/runtime';
import { overlappingNetworks } from './overlapping-networks.js';
import { readPrepareEnvironment } from './setup-environment.js';

const WAIT_MS = 120_000;
const RETRY_MS = 1_000;

/** Creates the topics that are missing and applies migrations; can be repeated. Waits for the engines, but not for ever. */
export async function prepareEngines(variables: NodeJS.ProcessEnv): Promise<void> {
  const logger = createLogger('setup');
  const environment = readPrepareEnvironment(variables);
  refuseOwnNetworks(environment.ECOLINK_POD_NETWORKS);
  const security = kafkaSecurityFromEnvironment(variables);
  const topics = await retried(() => ensureTopics({ brokers: environment.KAFKA_BROKERS, security }));
  logger.info({ event: 'setup.topics', created: topics.created });
  for (const drift of topics.drift) logger.warn({ event: 'setup.topic_differs', ...drift });
  const migrations = await retried(() => migrateDatabase(environment.DATABASE_URL));
  logger.info({ event: 'setup.migrated', migrations });
}

/** This container is on the network of the services and on no other, so its own addresses tell which network that is. */
function refuseOwnNetworks(podNetworks: readonly string[]): void {
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap(({ cidr, internal }) => (internal || cidr === null ? [] : [cidr])),
  );
  const [guilty] = overlappingNetworks(podNetworks, own);
  if (guilty === undefined) return;
  throw new Error(
    `ECOLINK_POD_NETWORKS names ${guilty}, which holds EcoLink's own services (${own.join(', ')}): a pod could be one of them`,
  );
}

async function retried<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(RETRY_MS);
    }
  }
}
