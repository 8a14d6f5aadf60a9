import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Category } from '@ecolink/contracts';
import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import { startRegionGateway } from '@ecolink/region-gateway';
import { ROUTER_LIMITS, startRouter } from '@ecolink/router';
import { type ControlPlane, startControlPlane, waitFor } from '@ecolink/testing';

process.env['LOG_LEVEL'] ??= 'silent';

const SECRET = 'between-router-and-gateway';
const HOST = '127.0.0.1';
const REGION = 'mv';
const SINCE = '2026-01-01T00:00:00.000Z';
const INSTANCES: readonly (readonly [id: number, name: string, category: Exclude<Category, 'custom'>])[] = [
  [142, 'my-llama', 'chat'],
  [143, 'my-embedder', 'embedding'],
  [144, 'my-reranker', 'reranker'],
  [145, 'my-painter', 'image'],
  [146, 'my-voice', 'audio'],
  [147, 'my-filmmaker', 'video'],
];
/** Runs, and no pod of it is healthy until it is healed. */
const PODLESS = 150;
/** Of the platform model that every account may call. */
const PLATFORM = 160;
const PLATFORM_MODEL = 'free/model';

/** A real router and a real gateway before a simulated model of every category, for clients as people have them. */
export interface ClientsFixture {
  /** Without `/v1`. */
  readonly url: string;
  readonly key: string;
  /** Of an account without balance, and of one whose plan lets it make one request a minute. */
  readonly poorKey: string;
  readonly slowKey: string;
  readonly plane: ControlPlane;
  /** The key of one more account that may make one request a minute. */
  slowKeyOf(accountId: string): string;
  /** Lets the pod of `my-llama:150` be well, or not. */
  healPodless(isHealthy: boolean): void;
  close(): Promise<void>;
}

/** Starts all of it on free ports. */
export async function startClientsFixture(): Promise<ClientsFixture> {
  const directory = await mkdtemp(path.join(tmpdir(), 'ecolink-clients-'));
  const plane = await startControlPlane();
  const pods: ModelSimulator[] = [];
  for (const [id, name, category] of INSTANCES) {
    const pod = await startModelSimulator({ model: name, category, ttftMs: 1, tokensPerSecond: 0, recordedRequestsMax: 0 });
    pods.push(pod);
    deploy(plane, id, name, category, pod.url);
  }
  for (const id of [PODLESS, PLATFORM]) deploy(plane, id, 'my-llama', 'chat', pods[0]?.url ?? '');
  const shared = { host: HOST, port: 0, internalSecret: SECRET, bus: plane.bus };
  const gateway = await startRegionGateway({ ...shared, region: REGION, registryUrl: plane.url, driverConfig: {} });
  const healthy = async (): Promise<boolean> => {
    const answer = await fetch(`${gateway.url}/pods`, { headers: { 'x-ecolink-internal-secret': SECRET } });
    const seen = (await answer.json()) as { pods: { healthy: boolean }[] };
    return seen.pods.length === INSTANCES.length + 2 && seen.pods.every((pod) => pod.healthy);
  };
  await waitFor(healthy, { timeoutMs: 60_000, what: 'the gateway to take its pods for healthy' });
  plane.put('regions', { region: REGION, name: REGION, gateway_url: gateway.url, state: 'active' });
  for (const [id, name, category] of INSTANCES) publish(plane, id, name, category, true);
  publish(plane, PODLESS, 'my-llama', 'chat', false);
  publish(plane, PLATFORM, 'my-llama', 'chat', true);
  publishPlatformModel(plane);
  const key = plane.addCaller('acc_owner');
  const poorKey = addCaller(plane, 'acc_poor', { balance: '0', requestsPerMinute: 1_000 });
  const slowKeyOf = (accountId: string): string => addCaller(plane, accountId, { balance: '1000000000', requestsPerMinute: 1 });
  const slowKey = slowKeyOf('acc_slow');
  const owners = { authBillingUrl: plane.url, instanceRegistryUrl: plane.url, healthCheckerUrl: plane.url };
  const listeners = { host: HOST, port: 0, adminHost: HOST, adminPort: 0 };
  const router = await startRouter(
    { routerId: 'test', dataDirectory: directory, internalSecret: SECRET, limits: ROUTER_LIMITS, ...owners, ...listeners },
    plane.bus,
  );
  return {
    url: `http://${HOST}:${router.port}`,
    key,
    poorKey,
    slowKey,
    plane,
    slowKeyOf,
    healPodless: (isHealthy) => publish(plane, PODLESS, 'my-llama', 'chat', isHealthy),
    close: async () => {
      (router.app.getHttpServer() as Server).closeAllConnections();
      await router.close();
      await gateway.close();
      await plane.close();
      await Promise.all(pods.map((pod) => pod.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function deploy(plane: ControlPlane, id: number, name: string, category: Category, url: string): void {
  plane.deploy(REGION, {
    instance_id: id,
    kind: 'own',
    desired_state: 'running',
    driver: 'external',
    openai_compatible: true,
    custom_api_path: null,
    health_path: null,
    category,
    served_model_name: name,
    pods: [{ pod_id: `pod_${id}`, url, api_key: null, weight: 1 }],
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

function publish(plane: ControlPlane, id: number, name: string, category: Category, isHealthy: boolean): void {
  plane.put('instances', {
    instance_id: id,
    ...(id === PLATFORM
      ? { kind: 'platform', account_id: null, platform_model_id: PLATFORM_MODEL, model_id: null }
      : { kind: 'own', account_id: 'acc_owner', platform_model_id: null, model_id: `mdl_${id}` }),
    model_name: name,
    served_model_name: id === PLATFORM ? name : null,
    category,
    openai_compatible: true,
    custom_api_path: null,
    inject_stream_usage: true,
    state: 'running',
    desired_state: 'running',
    degraded: false,
    termination_reason: null,
    pinned_region: null,
    deployments: [],
    created_at: SINCE,
  });
  const pod = { pod_id: `pod_${id}`, region: REGION, healthy: isHealthy, reason: null, since: SINCE };
  plane.put('health', { instance_id: id, pods: [pod] });
}

function addCaller(plane: ControlPlane, accountId: string, has: { balance: string; requestsPerMinute: number }): string {
  const plan = { name: 'test', requests_per_minute: has.requestsPerMinute, tokens_per_minute: null, concurrent_requests: null };
  const account = { account_id: accountId, status: 'active' as const, plan, balance_nano_usd: has.balance };
  plane.put('accounts', { ...account, held_nano_usd: '0', posted_positions: {} });
  const text = `eco_${accountId}`;
  plane.put('keys', {
    key_hash: createHash('sha256').update(text).digest('hex'),
    key_id: `key_${accountId}`,
    account_id: accountId,
    status: 'active',
    scopes: ['inference'],
    source_tag: null,
    expires_at: null,
  });
  return text;
}

function publishPlatformModel(plane: ControlPlane): void {
  plane.put('platformModels', {
    platform_model_id: PLATFORM_MODEL,
    instance_id: PLATFORM,
    display_name: 'Free',
    category: 'chat',
    context_length: 4_096,
    status: 'active',
    created_at: SINCE,
  });
  plane.put('prices', { target: `platform:${PLATFORM_MODEL}`, prices: { nano_usd_per_request: '1' }, effective_from: SINCE });
}
