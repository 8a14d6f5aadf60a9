import { TOPIC } from '@ecolink/contracts';
import type { Database } from '@ecolink/database';
import { type EventBus, tailPatiently } from '@ecolink/messaging';
import { createLogger } from '@ecolink/runtime';
import { Readiness, type RunningService, startService } from '@ecolink/service-kit';
import { randomUUID } from 'node:crypto';
import { HealthCheckerModule } from './health-checker.module.js';
import { HealthDecider } from './health/health-decider.js';
import { HealthStore } from './health/health.store.js';
import { Lease } from './lease/lease.js';
import { LeaseStore } from './lease/lease.store.js';
import { Regions } from './regions/regions.js';

export interface HealthCheckerConfig {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly database: Database;
  readonly bus: EventBus;
  readonly internalSecret: string;
  readonly registryUrl: string;
}

/** Starts the health checker. Several may run; one decides, the others stand by. */
export async function startHealthChecker(config: HealthCheckerConfig): Promise<RunningService> {
  const { internalSecret, registryUrl } = config;
  const logger = createLogger('health-checker');
  const store = new HealthStore(config.database);
  const lease = new Lease(`health-checker/${randomUUID()}`, new LeaseStore(config.database), (error) =>
    logger.warn({ event: 'lease.not_renewed', reason: error instanceof Error ? error.message : String(error) }),
  );
  const regions: Regions = new Regions({ registryUrl, internalSecret, logger, onReading: () => decider.decide() });
  const decider = new HealthDecider(regions, store, lease, logger);
  const readiness = new Readiness();
  readiness.register('regions', () => (regions.isLoaded ? undefined : 'the registry has not told which regions there are'));

  const module = HealthCheckerModule.create(internalSecret, store);
  const service = await startService({ name: 'health-checker', module, host: config.host, port: config.port, readiness });
  const tail = await tailPatiently(config.bus, {
    topics: [TOPIC.regionChanged, TOPIC.deploymentObserved],
    handle: (batch) => regions.take(batch),
  });
  readiness.registerDegraded('bus', () => tail.waitingFor());
  await lease.start();
  decider.start();
  void regions.start();

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await tail.close();
    await regions.stop();
    await decider.stop();
    await lease.stop();
    await service.close();
  };
  return { ...service, close: () => (closing ??= close()) };
}
