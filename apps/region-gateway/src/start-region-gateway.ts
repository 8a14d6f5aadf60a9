import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type GatewayPods, TOPIC } from '@ecolink/contracts';
import { tailPatiently } from '@ecolink/messaging';
import { FairTurns, tuneEngineForCalls } from '@ecolink/proxy';
import { createLogger, type Logger } from '@ecolink/runtime';
import { Readiness, type RunningService, startService } from '@ecolink/service-kit';
import { configureServer } from './data-plane/configure-server.js';
import { createDataPlane } from './data-plane/data-plane.js';
import { DeploymentFeed } from './deployments/deployment-feed.js';
import { Deployments } from './deployments/deployments.js';
import { DRIVERS } from './drivers/drivers.js';
import type { ReportPods } from './drivers/pod-driver.js';
import { gatewayMetrics } from './gateway-metrics.js';
import { GatewayModule } from './gateway.module.js';
import { ObservationPublisher } from './observations/observation-publisher.js';
import { describePods } from './pods/describe-pods.js';
import type { PodObserver } from './pods/instance-pods.js';
import { PodTable } from './pods/pod-table.js';
import { Prober } from './probes/prober.js';
import {
  CALL_LIMITS,
  CLOSE_MAX_MS,
  POD_LIMITS,
  PROBE_TIMEOUT_MS,
  PROBES_AT_ONCE_MAX,
  type RegionGatewayConfig,
} from './region-gateway-config.js';
import { FirstSyncGate } from './first-sync-gate.js';

const CLOSE_POLL_MS = 20;
/** About half a millisecond for an instance and one for all of them, so that no caller's next tick is far away. */
const TURN_UNITS = { unitsPerHolder: 500, unitsInAll: 1_000 };

/** Starts the gateway of one region. It takes calls at once and answers `no_pod` until it knows, and has probed, its pods. */
export async function startRegionGateway(config: RegionGatewayConfig): Promise<RunningService> {
  tuneEngineForCalls();
  const { region, bus } = config;
  const logger = createLogger(`region-gateway/${region}`);
  const prober = new Prober({ timeoutMs: config.probeTimeoutMs ?? PROBE_TIMEOUT_MS, concurrencyMax: PROBES_AT_ONCE_MAX });
  const observer: PodObserver = {
    added: (instance, pod) => prober.add(instance, pod),
    removed: (pod) => prober.remove(pod),
    changed: (instance) => publisher.changed(instance.instanceId),
    ejected: (instance, pod, outMs) => {
      metrics.countEjection();
      logger.warn({ event: 'pod.ejected', instance_id: instance.instanceId, pod_id: pod.podId, out_ms: outMs });
    },
  };
  const pods = new PodTable({ ...POD_LIMITS, ...config.podLimits }, observer);
  const publisher = new ObservationPublisher({ region, bus, pods, logger });
  const deployments = createDeployments(config, pods, logger);
  const feed = new DeploymentFeed({ ...config, logger, onDeployment: (deployment) => deployments.apply(deployment) });
  const metrics = gatewayMetrics(region, pods);
  const synchronised = new FirstSyncGate(feed, pods);
  const readiness = new Readiness();
  readiness.register('deployments', () => (feed.isLoaded ? undefined : 'the registry has not told yet what to run here'));
  readiness.registerDegraded('deployments', () => (feed.ageMs() > 60_000 ? 'the registry does not answer' : undefined));
  const bootId = randomUUID();
  const readPods = (): GatewayPods => ({
    region,
    boot_id: bootId,
    synchronised: synchronised.read(),
    pods: [...pods.instances].flatMap(describePods),
  });

  let server: Server | undefined;
  const service = await startService({
    name: `region-gateway/${region}`,
    module: GatewayModule.create(config.internalSecret, readPods, (instanceId, lines) => deployments.logs(instanceId, lines)),
    host: config.host,
    port: config.port,
    readiness,
    configureServer: (created) => {
      configureServer(created);
      server = created;
    },
    requestListener: createDataPlane({
      region,
      internalSecret: config.internalSecret,
      pods,
      turns: new FairTurns(TURN_UNITS),
      limits: { ...CALL_LIMITS, ...config.callLimits },
      onUnreachable: (_instance, pod) => prober.probeSoon(pod),
      onOutcome: (outcome) => metrics.countCall(outcome),
    }),
  });
  publisher.start();
  void feed.start().then(() => deployments.loaded());
  const tail = await tailPatiently(bus, { topics: [TOPIC.instanceChanged], handle: async () => feed.readNow() });
  readiness.registerDegraded('bus', () => tail.waitingFor());

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await tail.close();
    await feed.stop();
    prober.stop();
    const closed = service.close();
    await callsEnded(pods, config.closeMaxMs ?? CLOSE_MAX_MS);
    // Connections that have no call, or had their time.
    server?.closeAllConnections();
    await closed;
    await publisher.stop();
    await pods.destroy();
    await deployments.stop();
  };
  return { ...service, close: () => (closing ??= close()) };
}

/** Waits until no call has, or waits for, a pod; no longer than `maxMs`. */
async function callsEnded(pods: PodTable, maxMs: number): Promise<void> {
  const endMs = performance.now() + maxMs;
  while (performance.now() < endMs && [...pods.instances].some((instance) => instance.hasCalls)) await delay(CLOSE_POLL_MS);
}

function createDeployments(config: RegionGatewayConfig, pods: PodTable, logger: Logger): Deployments {
  const report: ReportPods = (deployment, specs) => {
    const probeTarget = {
      openaiCompatible: deployment.openai_compatible,
      healthPath: deployment.health_path,
      servedModelName: deployment.served_model_name,
    };
    pods.setPods(deployment.instance_id, probeTarget, specs, deployment.strategy);
  };
  return new Deployments(DRIVERS, { region: config.region, report, options: config.driverConfig }, logger);
}
