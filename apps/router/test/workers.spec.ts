import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ControlPlane,
  createTestDatabase,
  descendantsOf,
  freePort,
  startControlPlane,
  stillAlive,
  type TestDatabase,
  waitFor,
} from '@ecolink/testing';
import { type RedisServer, startRedis } from './support/redis-server.js';
import { INSTANCE } from './support/router-fixture.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const WORKERS = 3;
const LIMIT = 30;
const ACCOUNT = 'acc_owner';
const SET_UP_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const READY_TIMEOUT_MS = 60_000;
const ANSWER = JSON.stringify({
  choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
});

let directory: string;
let database: TestDatabase;
let redis: RedisServer;
let plane: ControlPlane;
let gateway: Server;
let router: ChildProcess;
let port: number;
let adminPort: number;
let key: string;
let output = '';

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-workers-'));
  database = await createTestDatabase();
  redis = await startRedis({ dataDir: path.join(directory, 'redis') });
  plane = await startControlPlane();
  key = plane.addCaller(ACCOUNT);
  gateway = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER));
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  plane.put('regions', { region: 'mv', name: 'mv', gateway_url: url, state: 'active' });
  plane.put('instances', INSTANCE);
  const pod = { pod_id: 'pod', region: 'mv', healthy: true, reason: null, since: '2026-01-01T00:00:00.000Z' };
  plane.put('health', { instance_id: 1, pods: [pod] });
  [port, adminPort] = [await freePort(), await freePort()];
  router = start({ REDIS_URL: redis.url });
  router.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await waitFor(async () => (await get('/readyz').catch(() => undefined))?.ok === true, {
    timeoutMs: READY_TIMEOUT_MS,
    what: 'the first worker',
  });
  await waitFor(() => output.split('service.started').length > WORKERS, { timeoutMs: READY_TIMEOUT_MS, what: 'all workers' });
  const haveHeard = async () => /^ecolink_router_live_routers 3$/m.test(await metrics());
  await waitFor(haveHeard, { timeoutMs: READY_TIMEOUT_MS, intervalMs: 200, what: 'the workers to hear of each other' });
}, SET_UP_TIMEOUT_MS);

afterAll(async () => {
  router?.kill('SIGKILL');
  gateway?.close();
  gateway?.closeAllConnections();
  await plane?.close();
  await redis?.stop();
  await database?.close();
  await rm(directory, { recursive: true, force: true });
}, SET_UP_TIMEOUT_MS);

function start(environment: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      ROUTER_WORKERS: String(WORKERS),
      ECOLINK_ROUTER_ID: 'test',
      ECOLINK_PORT: String(port),
      ECOLINK_ADMIN_PORT: String(adminPort),
      ECOLINK_DATA_DIR: path.join(directory, 'router'),
      ECOLINK_INTERNAL_SECRET: 'between-router-and-gateway',
      ECOLINK_AUTH_BILLING_URL: plane.url,
      ECOLINK_REGISTRY_URL: plane.url,
      ECOLINK_HEALTH_CHECKER_URL: plane.url,
      DATABASE_URL: database.url,
      ...environment,
    },
  });
}

/** Each on a connection of its own, so that the workers take turns. */
function get(target: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${target}`, {
    ...init,
    headers: { connection: 'close', ...(init.headers as Record<string, string> | undefined) },
  });
}

async function metrics(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
}

async function chat(): Promise<number> {
  const body = JSON.stringify({ model: 'my-llama:1', messages: [] });
  const response = await get('/v1/chat/completions', { method: 'POST', body, headers: { authorization: `Bearer ${key}` } });
  await response.text();
  return response.status;
}

async function statuses(calls: number): Promise<number[]> {
  return Promise.all(Array.from({ length: calls }, () => chat()));
}

describe('a router of several workers', () => {
  it(
    'serves with all of them, counts their calls together, and journals each one’s apart',
    async () => {
      for (let round = 0; round < 10; round += 1) expect(new Set(await statuses(9))).toEqual(new Set([200]));
      const sources = () => new Set([...output.matchAll(/"source":"(router\/test-w[0-9])"/g)].map(([, source]) => source));
      await waitFor(() => sources().size === WORKERS, { timeoutMs: 45_000, what: 'a call of each worker in the log' });
      const text = await metrics();
      expect(text).toMatch(/^ecolink_router_calls_total\{.*status="200".*\} 90$/m);
      expect(text).toMatch(/^ecolink_router_live_routers 3$/m);
      expect(text).toMatch(/^ecolink_router_state_entries\{projection="instances"\} 1$/m);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'holds a request limit over them',
    async () => {
      plane.put('accounts', {
        account_id: ACCOUNT,
        status: 'active',
        plan: { name: 'tight', requests_per_minute: LIMIT, tokens_per_minute: null, concurrent_requests: null },
        balance_nano_usd: '1000000000',
        held_nano_usd: '0',
        posted_positions: {},
      });
      // 90 calls were admitted before: the limit is reached, and known to all of them within a refresh.
      await waitFor(async () => (await statuses(WORKERS * 2)).every((status) => status === 429), {
        timeoutMs: 30_000,
        intervalMs: 500,
        what: 'a limit that every worker holds',
      });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'starts a worker again that died, and ends with all of them on SIGTERM',
    async () => {
      const workers = descendantsOf(router.pid ?? 0);
      expect(workers).toHaveLength(WORKERS);
      process.kill(workers[0]?.pid ?? 0, 'SIGKILL');
      await waitFor(() => output.split('service.started').length > WORKERS + 1, {
        timeoutMs: READY_TIMEOUT_MS,
        what: 'the worker to come back',
      });
      const pids = [router.pid ?? 0, ...descendantsOf(router.pid ?? 0).map(({ pid }) => pid)];
      expect(pids).toHaveLength(WORKERS + 1);
      router.kill('SIGTERM');
      const [code] = (await once(router, 'exit')) as [number | null];
      expect(code).toBe(0);
      expect(stillAlive(pids)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'refuses to start where they could not hear of each other, and says what is missing',
    async () => {
      const alone = start({});
      let problem = '';
      alone.stderr?.on('data', (chunk: Buffer) => (problem += chunk.toString()));
      const [code] = (await once(alone, 'exit')) as [number | null];
      expect([code, problem]).toEqual([1, expect.stringContaining('ROUTER_WORKERS: more than 1 needs REDIS_URL')]);
    },
    TEST_TIMEOUT_MS,
  );
});
