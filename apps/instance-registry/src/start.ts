import { BusStrategy, DeadLetters, type Progress } from '@ecolink/messaging';
import { InternalClient, type RunningService, startService } from '@ecolink/service-kit';
import { InstanceRegistryModule } from './instance-registry.module.js';
import { PodUrls } from './pods/pod-urls.js';
import { BUS_GROUP, type InstanceRegistryConfig } from './settings.js';

const STANDSTILL_MAX_MS = 60_000;

/** Starts the registry; the database must be migrated. Closing it leaves the given database and bus open. */
export async function startInstanceRegistry(config: InstanceRegistryConfig): Promise<RunningService> {
  const authBilling = new InternalClient(config.authBillingUrl, config.internalSecret);
  const deadLetters = new DeadLetters({ databaseUrl: config.database.url });
  const strategy = new BusStrategy(config.bus, { group: BUS_GROUP, deadLetters });
  const service = await startService({
    name: 'instance-registry',
    module: InstanceRegistryModule.with(config, authBilling),
    host: config.host,
    port: config.port,
    strategies: [strategy],
  });
  service.readiness.register('bus', () => standstillOf(strategy.progress(), Date.now()));
  service.app.get(PodUrls).addOwnPort(service.port);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await service.close();
    await Promise.all([authBilling.close(), deadLetters.close()]);
  };
  return { ...service, close: () => (closing ??= close()) };
}

/** A consumer that has lag and makes no progress is ill, however alive it looks. */
function standstillOf(progress: Progress, nowMs: number): string | undefined {
  if (progress.lag === 0 || nowMs - progress.lastProgressAtMs <= STANDSTILL_MAX_MS) return undefined;
  return `${progress.lag} events wait, and none was handled for ${Math.round((nowMs - progress.lastProgressAtMs) / 1_000)} s`;
}
