import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startRegionGateway } from '@ecolink/region-gateway';
import { ROUTER_LIMITS, startRouter } from '@ecolink/router';
import type { RunningService } from '@ecolink/service-kit';
import { instanceRecord, startControlPlane, waitFor } from '@ecolink/testing';

// What router and gateway say of each call is not looked at here.
process.env['LOG_LEVEL'] ??= 'silent';

const SECRET = 'between-router-and-gateway';
const HOST = '127.0.0.1';
const REGION = 'mv';
const SINCE = '2026-01-01T00:00:00.000Z';
const CUSTOM_INSTANCE = 7;
const CHAT_INSTANCE = 8;

/** A real router and a real gateway before one pod, which serves a chat instance and a custom one. */
export interface DataPlaneFixture {
  readonly port: number;
  readonly podPort: number;
  readonly key: string;
  readonly model: string;
  /** The custom instance's path on the router; what follows it is the pod's. */
  readonly proxyPrefix: string;
  close(): Promise<void>;
}

export async function startDataPlane(pod: RequestListener): Promise<DataPlaneFixture> {
  const directory = await mkdtemp(path.join(tmpdir(), 'ecolink-data-plane-'));
  const plane = await startControlPlane();
  const podServer = await listen(pod);
  const { port: podPort } = podServer.address() as AddressInfo;
  for (const instanceId of [CUSTOM_INSTANCE, CHAT_INSTANCE]) {
    plane.deploy(REGION, {
      instance_id: instanceId,
      kind: 'own',
      desired_state: 'running',
      driver: 'external',
      openai_compatible: instanceId === CHAT_INSTANCE,
      custom_api_path: instanceId === CHAT_INSTANCE ? null : '',
      health_path: null,
      category: 'chat',
      served_model_name: 'm',
      pods: [{ pod_id: 'pod_1', url: `http://${HOST}:${podPort}`, api_key: null, weight: 1 }],
      replicas: 0,
      image: null,
      args: [],
      gpu_type: null,
      gpu_count: 0,
      model: null,
      env: {},
      token: null,
      driver_config: {},
    });
  }
  const shared = { host: HOST, port: 0, internalSecret: SECRET, bus: plane.bus };
  const gateway = await startRegionGateway({ ...shared, region: REGION, registryUrl: plane.url, driverConfig: {} });
  await waitFor(() => podsAreHealthy(gateway), { timeoutMs: 20_000, what: 'the gateway to take its pods for healthy' });
  plane.put('regions', { region: REGION, name: REGION, gateway_url: gateway.url, state: 'active' });
  for (const instanceId of [CUSTOM_INSTANCE, CHAT_INSTANCE]) {
    plane.put(
      'instances',
      instanceRecord({
        instance_id: instanceId,
        model_name: 'm',
        openai_compatible: instanceId === CHAT_INSTANCE,
        custom_api_path: instanceId === CHAT_INSTANCE ? null : '',
      }),
    );
    const pods = [{ pod_id: 'pod_1', region: REGION, healthy: true, reason: null, since: SINCE }];
    plane.put('health', { instance_id: instanceId, pods });
  }
  const key = plane.addCaller('acc_owner');
  const router = await startRouter(
    {
      routerId: 'test',
      host: HOST,
      port: 0,
      adminHost: HOST,
      adminPort: 0,
      dataDirectory: directory,
      internalSecret: SECRET,
      authBillingUrl: plane.url,
      instanceRegistryUrl: plane.url,
      healthCheckerUrl: plane.url,
      limits: ROUTER_LIMITS,
    },
    plane.bus,
  );
  return {
    port: router.port,
    podPort,
    key,
    model: `m:${CHAT_INSTANCE}`,
    proxyPrefix: `/inference-instances/${CUSTOM_INSTANCE}/proxy`,
    close: async () => {
      podServer.closeAllConnections();
      (router.app.getHttpServer() as Server).closeAllConnections();
      await router.close();
      await gateway.close();
      await plane.close();
      await new Promise((resolve) => podServer.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function podsAreHealthy(gateway: RunningService): Promise<boolean> {
  const answer = await fetch(`${gateway.url}/pods`, { headers: { 'x-ecolink-internal-secret': SECRET } });
  const { pods } = (await answer.json()) as { pods: { healthy: boolean }[] };
  return pods.length === 2 && pods.every((pod) => pod.healthy);
}

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer({ maxHeaderSize: 131_072 }, listener);
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return server;
}
