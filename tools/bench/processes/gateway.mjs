// The gateway of one region, with external pods.
import { localBus } from './bus.mjs';
import { ready, settings } from './ready.mjs';

/** Of the stand-in for the registry. */
const INSTANCES = 2;

process.env.LOG_LEVEL = 'warn';
const { startRegionGateway } = await import('@ecolink/region-gateway');
const gateway = await startRegionGateway({
  host: '127.0.0.1',
  port: settings.port ?? 0,
  region: settings.region,
  internalSecret: settings.secret,
  registryUrl: settings.owners,
  bus: localBus(),
  driverConfig: {},
});
await podsAreHealthy();
ready({ url: gateway.url });

async function podsAreHealthy() {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(`${gateway.url}/pods`, { headers: { 'x-ecolink-internal-secret': settings.secret } });
    const { pods } = await answer.json();
    if (pods.length === settings.pods * (settings.instances ?? INSTANCES) && pods.every((pod) => pod.healthy)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the pods did not become healthy');
}
