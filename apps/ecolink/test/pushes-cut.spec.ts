import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAuthBilling } from '@ecolink/auth-billing';
import { type Database, openDatabase } from '@ecolink/database';
import { startHealthChecker } from '@ecolink/health-checker';
import { startInstanceRegistry } from '@ecolink/instance-registry';
import { createBus, type EventBus } from '@ecolink/messaging';
import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import { startRegionGateway } from '@ecolink/region-gateway';
import { ROUTER_LIMITS, type RunningRouter, startRouter } from '@ecolink/router';
import { createTestDatabase, waitFor } from '@ecolink/testing';
import { ProductClient } from '../src/seed/product-client.js';

process.env['LOG_LEVEL'] ??= 'silent';

const HOST = '127.0.0.1';
const SECRET = 'between-the-parts-of-the-product';
const ADMIN = 'token-of-an-operator-1234';
/** What a change may take to be seen by calls when no push arrives. */
const REFRESHED_MS = 11_000;

/** For the same on a machine that is busy. */
const PATIENCE_MS = 60_000;
/** Such a machine has its say in one try, not in all. */
const TRIES = 3;

/** A bus on which nothing is pushed: groups go on, broadcasts never come. */
function withoutPushes(bus: EventBus): EventBus {
  const silent = { progress: () => ({ lag: 0, lastProgressAtMs: Date.now() }), close: () => Promise.resolve() };
  return {
    engine: bus.engine,
    publish: (events) => bus.publish(events),
    consume: (options) => bus.consume(options),
    read: (options) => bus.read(options),
    tail: () => Promise.resolve(silent),
    close: () => bus.close(),
  };
}

const closers: (() => Promise<unknown>)[] = [];
let router: RunningRouter;
let customer: ProductClient;
let key: string;
const pods: ModelSimulator[] = [];

function kept<T extends { close(): Promise<unknown> }>(part: T): T {
  closers.push(() => part.close());
  return part;
}

beforeAll(async () => {
  const server = kept(await createTestDatabase());
  const directory = await mkdtemp(path.join(tmpdir(), 'ecolink-pushes-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const bus = withoutPushes(kept(createBus({ clientId: 'pushes-cut', databaseUrl: server.url })));
  const database = (): Database => kept(openDatabase({ url: server.url }));
  const common = { host: HOST, port: 0, bus, internalSecret: SECRET, adminTokens: new Map([[ADMIN, 'test']]) };
  const billing = kept(await startAuthBilling({ ...common, database: database() }));
  const registry = kept(
    await startInstanceRegistry({
      ...common,
      database: database(),
      authBillingUrl: billing.url,
      podNetworks: ['127.0.0.0/8'],
      ownPorts: [],
      encryptionKey: Buffer.alloc(32, 7),
    }),
  );
  const checker = kept(await startHealthChecker({ ...common, database: database(), registryUrl: registry.url }));
  const gateway = kept(
    await startRegionGateway({ ...common, region: 'mv', registryUrl: registry.url, driverConfig: {}, closeMaxMs: 1_000 }),
  );
  router = kept(
    await startRouter(
      {
        ...common,
        routerId: 'router-1',
        adminHost: HOST,
        adminPort: 0,
        dataDirectory: directory,
        authBillingUrl: billing.url,
        instanceRegistryUrl: registry.url,
        healthCheckerUrl: checker.url,
        limits: ROUTER_LIMITS,
      },
      bus,
    ),
  );
  const operator = { authorization: `Bearer ${ADMIN}` };
  await new ProductClient(registry.url, operator).call('PUT', '/admin/v1/regions/mv', {
    name: 'mv',
    gateway_url: gateway.url,
    driver: 'external',
  });
  const accounts = new ProductClient(billing.url, operator);
  const account = await accounts.call<{ id: string }>('POST', '/admin/v1/accounts', { name: 'customer' });
  await accounts.call('POST', `/admin/v1/accounts/${account.id}/credits`, {
    amount_nano_usd: '1000000000',
    type: 'bonus_grant',
    reason: 'test',
  });
  const keyOf = async (scopes: string[]): Promise<string> =>
    (await accounts.call<{ key: string }>('POST', `/admin/v1/accounts/${account.id}/api-keys`, { name: 'test', scopes })).key;
  key = await keyOf(['inference']);
  customer = new ProductClient(registry.url, { authorization: `Bearer ${await keyOf(['management'])}` });
  for (let index = 0; index < 2; index += 1)
    pods.push(kept(await startModelSimulator({ model: 'm', ttftMs: 1, tokensPerSecond: 0 })));
}, 180_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
}, 120_000);

async function statusOf(model: string): Promise<number> {
  const response = await fetch(`${router.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, max_tokens: 1, messages: [{ role: 'user', content: 'x' }] }),
  });
  await response.text();
  return response.status;
}

/** Milliseconds until it is so. */
async function took(what: string, isSo: () => Promise<boolean>): Promise<number> {
  const sinceMs = performance.now();
  await waitFor(isSo, { timeoutMs: PATIENCE_MS, intervalMs: 100, what });
  return performance.now() - sinceMs;
}

describe('with all pushes cut off', () => {
  it('a new instance, a new pod and a stop reach the router by its refresh', async () => {
    const model = await customer.call<{ id: string }>('POST', '/api/v1/models', {
      name: 'm',
      category: 'chat',
      source: { kind: 'external' },
    });
    const podsOf = (one: ModelSimulator | undefined): object => ({ pods: [{ region: 'mv', url: one?.url }] });
    const launch = (): Promise<{ id: number; model: string }> =>
      customer.call('POST', '/api/v1/instances', { model_id: model.id, ...podsOf(pods[0]) });
    // The region is as new as the product here; the first instance waits for it, too.
    const first = await launch();
    await waitFor(async () => (await statusOf(first.model)) === 200, {
      timeoutMs: PATIENCE_MS,
      intervalMs: 200,
      what: 'the region',
    });

    const tookMs: [launch: number, pod: number, stop: number][] = [];
    const areInTime = (took: readonly number[]): boolean => took.every((ms) => ms <= REFRESHED_MS);
    while (tookMs.length < TRIES && !tookMs.some(areInTime)) {
      const instance = await launch();
      // The gateway hears of it by its own refresh, the checker reads the gateway, the router refreshes what it knows.
      const launched = await took('the new instance', async () => (await statusOf(instance.model)) === 200);

      await customer.call('PUT', `/api/v1/instances/${instance.id}/pods`, podsOf(pods[1]));
      const asked = (): number => pods[1]?.requests().filter((request) => request.path.startsWith('/v1/chat')).length ?? 0;
      const before = asked();
      const moved = await took('the new pod', async () => (await statusOf(instance.model)) === 200 && asked() > before);

      await customer.call('POST', `/api/v1/instances/${instance.id}/stop`);
      const stopped = await took('the stop', async () => (await statusOf(instance.model)) === 404);
      tookMs.push([launched, moved, stopped]);
    }
    expect(tookMs.filter(areInTime)).toHaveLength(1);
  }, 600_000);

  it('says in its metrics how old what it knows is', async () => {
    const text = await (await fetch(`${router.adminUrl}/metrics`)).text();
    const ages = [...text.matchAll(/^ecolink_router_state_age_seconds\{projection="([a-z-]+)"\} ([0-9.]+)$/gm)];
    expect(ages.map(([, projection]) => projection).sort()).toEqual([
      'accounts',
      'health',
      'instances',
      'keys',
      'platform-models',
      'prices',
      'regions',
    ]);
    for (const [, , age] of ages) expect(Number(age)).toBeLessThanOrEqual(REFRESHED_MS / 1000);
  });
});
