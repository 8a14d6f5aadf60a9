import { type GatewayPods, TOPIC } from '@ecolink/contracts';
import { type Database, openDatabase } from '@ecolink/database';
import type { RunningService } from '@ecolink/service-kit';
import { createTestDatabase, type TestDatabase, waitFor } from '@ecolink/testing';
import { startHealthChecker } from '../src/index.js';
import { type FakeServer, listeningBus, podsOf, region, serveJson } from './support/fakes.js';

const SECRET = 'internal';
/** For what comes soon on a machine that has nothing else to do. */
const PATIENCE_MS = 45_000;
const TEST_TIMEOUT_MS = 240_000;
/** What has a time is tried so often: a machine that is busy for a moment has its say in one try, not in all. */
const TRIES = 5;

let testDatabase: TestDatabase;
let database: Database;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({ url: testDatabase.url });
}, 180_000);

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await database.client.$executeRaw`TRUNCATE published_health, health_checker_lease, bus_events`;
});

afterAll(async () => {
  await database.close();
  await testDatabase.close();
});

async function serve(read: (path: string) => unknown): Promise<FakeServer> {
  const server = await serveJson(read);
  closing.push(() => server.close());
  return server;
}

async function registryOf(...regions: ReturnType<typeof region>[]): Promise<FakeServer> {
  return serve((path) => (path.startsWith('/internal/projections/regions') ? { items: regions, cursor: '1', next: null } : {}));
}

async function startChecker(registryUrl: string, bus = listeningBus()): Promise<RunningService> {
  const service = await startHealthChecker({ host: '127.0.0.1', port: 0, database, bus, internalSecret: SECRET, registryUrl });
  closing.push(() => service.close());
  return service;
}

async function events(): Promise<
  { key: string; data: { version: number; pods: { pod_id: string; healthy: boolean; reason: string | null }[] } }[]
> {
  return database.client.$queryRaw`SELECT key, data FROM bus_events WHERE topic = ${TOPIC.instanceHealthChanged} ORDER BY id`;
}

async function readProjection(
  service: RunningService,
  query = '',
): Promise<{ items: { instance_id: number; version: number }[]; cursor: string; next: string | null }> {
  const answer = await fetch(`${service.url}/internal/projections/health${query}`, {
    headers: { 'x-ecolink-internal-secret': SECRET },
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as never;
}

describe('the health checker', () => {
  it(
    'publishes each change once, with its row, and nothing while nothing changes',
    async () => {
      let answer: GatewayPods = podsOf('mv', [{ instance_id: 5, pod_id: 'a' }]);
      let readings = 0;
      const gateway = await serve(() => {
        readings += 1;
        return answer;
      });
      const bus = listeningBus();
      const service = await startChecker((await registryOf(region('mv', gateway.url))).url, bus);
      await waitFor(async () => (await events()).length === 1, { timeoutMs: PATIENCE_MS });
      const readAgain = (times: number): Promise<boolean> => {
        const seen = readings;
        return waitFor(() => readings >= seen + times, { timeoutMs: PATIENCE_MS, intervalMs: 5, what: 'the gateway to be read' });
      };
      await readAgain(2);
      expect(await events()).toHaveLength(1);

      const tookMs: number[] = [];
      const versions = [['5', 1, true]];
      while (tookMs.length < TRIES && !tookMs.some((ms) => ms < 600)) {
        // Behind a reading, the next one is a second away, unless somebody asks for it.
        await readAgain(1);
        const healthy = tookMs.length % 2 === 1;
        answer = podsOf('mv', [{ instance_id: 5, pod_id: 'a', healthy, ...(healthy ? {} : { reason: 'connection refused' }) }]);
        versions.push(['5', versions.length + 1, healthy]);
        const changedAtMs = performance.now();
        const data = {
          instance_id: 5,
          region: 'mv',
          sequence: versions.length,
          observed_at: new Date().toISOString(),
          ready_replica_seconds: 0,
          pods: [],
        };
        bus.tell({ topic: TOPIC.deploymentObserved, key: '5', data });
        await waitFor(async () => (await events()).length === versions.length, { timeoutMs: PATIENCE_MS });
        tookMs.push(performance.now() - changedAtMs);
      }
      expect(Math.min(...tookMs)).toBeLessThan(600);
      expect((await events()).map(({ key, data: { version, pods } }) => [key, version, pods[0]?.healthy])).toEqual(versions);
      const items = [expect.objectContaining({ instance_id: 5, version: versions.length })];
      expect((await readProjection(service)).items).toEqual(items);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is not delayed by a gateway that hangs, and takes its pods for unhealthy',
    async () => {
      let hangs = false;
      const quick = await serve(() => podsOf('ga', [{ instance_id: 6, pod_id: 'g' }]));
      const slow = await serve(() => (hangs ? undefined : podsOf('mv', [{ instance_id: 5, pod_id: 'm' }])));
      await startChecker((await registryOf(region('mv', slow.url), region('ga', quick.url))).url);
      await waitFor(async () => (await events()).length === 2, { timeoutMs: PATIENCE_MS });
      const tookMs: number[] = [];
      let changes = 2;
      const change = async (isHanging: boolean): Promise<number> => {
        [hangs, changes] = [isHanging, changes + 1];
        const changedAtMs = performance.now();
        await waitFor(async () => (await events()).length === changes, { timeoutMs: PATIENCE_MS });
        return performance.now() - changedAtMs;
      };
      while (tookMs.length < TRIES && !tookMs.some((ms) => ms < 5_000)) {
        if (hangs) await change(false);
        tookMs.push(await change(true));
      }
      expect(Math.min(...tookMs)).toBeLessThan(5_000);
      const last = (await events()).at(-1);
      expect([last?.key, last?.data.pods]).toMatchObject([
        '5',
        [{ pod_id: 'm', healthy: false, reason: 'the region gateway does not answer (time-out)' }],
      ]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'keeps what it published while a restarted gateway learns its pods, and removes what is gone after that',
    async () => {
      let answer = podsOf('mv', [{ instance_id: 5, pod_id: 'a' }]);
      let readings = 0;
      const gateway = await serve(() => {
        readings += 1;
        return answer;
      });
      await startChecker((await registryOf(region('mv', gateway.url))).url);
      await waitFor(async () => (await events()).length === 1, { timeoutMs: PATIENCE_MS });
      answer = podsOf('mv', [], { boot_id: 'next', synchronised: false });
      const seen = readings;
      await waitFor(() => readings >= seen + 3, { timeoutMs: PATIENCE_MS });
      expect(await events()).toHaveLength(1);
      answer = podsOf('mv', [], { boot_id: 'next' });
      await waitFor(async () => (await events()).at(-1)?.data.pods.length === 0, { timeoutMs: PATIENCE_MS });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'decides in one process only, and in the other when the first has gone',
    async () => {
      let pods = [{ instance_id: 5, pod_id: 'a' }];
      const gateway = await serve(() => podsOf('mv', pods));
      const registry = await registryOf(region('mv', gateway.url));
      const first = await startChecker(registry.url);
      await waitFor(async () => (await events()).length === 1, { timeoutMs: PATIENCE_MS });
      await startChecker(registry.url);
      pods = [...pods, { instance_id: 6, pod_id: 'b' }];
      await waitFor(async () => (await events()).length === 2, { timeoutMs: PATIENCE_MS });
      await first.close();
      pods = [...pods, { instance_id: 7, pod_id: 'c' }];
      await waitFor(async () => (await events()).length === 3, { timeoutMs: PATIENCE_MS });
      expect((await events()).map(({ key }) => key)).toEqual(['5', '6', '7']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'follows a region that is disabled or moves, as the bus tells',
    async () => {
      const gateway = await serve(() => podsOf('mv', [{ instance_id: 5, pod_id: 'a' }]));
      const bus = listeningBus();
      await startChecker((await registryOf(region('mv', 'http://127.0.0.1:1'))).url, bus);
      bus.tell({ topic: TOPIC.regionChanged, key: 'mv', data: region('mv', gateway.url, { version: 2 }) });
      await waitFor(async () => (await events()).length === 1, { timeoutMs: PATIENCE_MS });
      bus.tell({ topic: TOPIC.regionChanged, key: 'mv', data: region('mv', gateway.url, { version: 3, state: 'disabled' }) });
      await waitFor(async () => (await events()).at(-1)?.data.pods.length === 0, { timeoutMs: PATIENCE_MS });
    },
    TEST_TIMEOUT_MS,
  );

  it('never takes one region’s gateway for another’s', async () => {
    const gateway = await serve(() => podsOf('ga', [{ instance_id: 5, pod_id: 'a' }]));
    let readings = 0;
    const registry = await registryOf(region('mv', gateway.url));
    const other = await serve(() => {
      readings += 1;
      return podsOf('ga', []);
    });
    await startChecker((await registryOf(region('mv', gateway.url), region('ga', other.url))).url);
    expect(registry.url).toBeDefined();
    await waitFor(() => readings >= 3, { timeoutMs: PATIENCE_MS });
    expect(await events()).toHaveLength(0);
  });
});

describe('the health projection', () => {
  it(
    'gives pages by instance, and with a cursor only what changed since',
    async () => {
      let pods = [1, 2, 3].map((instanceId) => ({ instance_id: instanceId, pod_id: 'a' }));
      const gateway = await serve(() => podsOf('mv', pods));
      const service = await startChecker((await registryOf(region('mv', gateway.url))).url);
      await waitFor(async () => (await events()).length === 3, { timeoutMs: PATIENCE_MS });
      const first = await readProjection(service, '?limit=2');
      expect([first.items.map((item) => item.instance_id), first.next]).toEqual([[1, 2], '2']);
      const second = await readProjection(service, '?limit=2&after=2');
      expect([second.items.map((item) => item.instance_id), second.next]).toEqual([[3], null]);
      pods = pods.map((pod) => (pod.instance_id === 2 ? { ...pod, pod_id: 'b' } : pod));
      await waitFor(async () => (await events()).length === 4, { timeoutMs: PATIENCE_MS });
      const later = await readProjection(service, `?since=${first.cursor}`);
      expect(later.items.map((item) => item.instance_id)).toContain(2);
      // A transaction of anybody on the database server that is as old as the last change keeps the cursor before it.
      const isBehind = async (): Promise<boolean> => {
        const { cursor } = await readProjection(service);
        return (await readProjection(service, `?since=${cursor}`)).items.length === 0;
      };
      await waitFor(isBehind, { timeoutMs: PATIENCE_MS, what: 'a cursor behind every change' });
    },
    TEST_TIMEOUT_MS,
  );

  it('is for the product’s own processes only', async () => {
    const service = await startChecker((await registryOf()).url);
    expect((await fetch(`${service.url}/internal/projections/health`)).status).toBe(404);
  });
});
