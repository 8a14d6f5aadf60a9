// The gateway of the one region; ready when all its pods are.
import { localBus } from '../bench/processes/bus.mjs';
import { ready, settings } from '../bench/processes/ready.mjs';

process.env.LOG_LEVEL = 'warn';
const { startRegionGateway } = await import('@ecolink/region-gateway');
const gateway = await startRegionGateway({
  host: '127.0.0.1',
  port: 0,
  region: 'mv',
  internalSecret: settings.secret,
  registryUrl: settings.owners,
  bus: localBus(),
  driverConfig: {},
});
for (let attempt = 0; ; attempt += 1) {
  const answer = await fetch(`${gateway.url}/pods`, { headers: { 'x-ecolink-internal-secret': settings.secret } });
  const { pods } = await answer.json();
  if (pods.length === settings.pods && pods.every((pod) => pod.healthy)) break;
  if (attempt > 300) throw new Error(`the pods did not become healthy: ${JSON.stringify(pods)}`);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
ready({ url: gateway.url });
