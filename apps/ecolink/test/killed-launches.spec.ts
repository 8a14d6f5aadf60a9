import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startAuthBilling, verifyLedger } from '@ecolink/auth-billing';
import { HEADER, HOLD_UNCONFIRMED_MS } from '@ecolink/contracts';
import { type Database, migrateDatabase, openDatabase } from '@ecolink/database';
import { createBus } from '@ecolink/messaging';
import { createTestDatabase, waitFor } from '@ecolink/testing';
import { freePort } from '../src/ports.js';

const REGISTRY = fileURLToPath(new URL('../../instance-registry/dist/main.js', import.meta.url));
const SECRET = randomBytes(16).toString('hex');
const ADMIN_TOKEN = randomBytes(16).toString('hex');
const ENCRYPTION_KEY = randomBytes(32).toString('hex');
const TEST_TIMEOUT_MS = 300_000;
const BALANCE = '1000000000000';
/** $3.20 × 2 GPUs × 2 replicas × 24 h. */
const HOLD = '307200000000';

type Answer = { readonly status: number; readonly body: ReturnType<typeof JSON.parse> };
/** What is done with a call of the registry to billing. */
type Hook = (request: { method: string; path: string }, forward: () => Promise<Answer>) => Promise<Answer>;

const passOn: Hook = (_request, forward) => forward();

let closeDatabase: () => Promise<void>;
let database: Database;
let closers: (() => Promise<unknown>)[] = [];
let registry: ChildProcess | undefined;
let registryUrl = '';
let proxyUrl = '';
let billingUrl = '';
let databaseUrl = '';
let aheadMs = 0;
let hook: Hook = passOn;

beforeAll(async () => {
  const created = await createTestDatabase();
  ({ url: databaseUrl, close: closeDatabase } = { url: created.url, close: () => created.close() });
  await migrateDatabase(databaseUrl);
  database = openDatabase({ url: databaseUrl });
  const bus = createBus({ clientId: 'test', databaseUrl });
  const adminTokens = new Map([[ADMIN_TOKEN, 'tester']]);
  const billing = await startAuthBilling({
    ...{ host: '127.0.0.1', port: 0, database, bus, internalSecret: SECRET, adminTokens },
    clock: () => new Date(Date.now() + aheadMs),
  });
  billingUrl = billing.url;
  const proxy = createServer((request, response) => void relay(request, response));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  closers = [() => closeServer(proxy), () => billing.close(), () => bus.close(), () => database.close(), closeDatabase];
  await startRegistry();
  for (const code of ['mv', 'ga'])
    await admin('PUT', `/regions/${code}`, { name: code, gateway_url: `http://127.0.0.1:9/${code}`, driver: 'simulated' });
  const capacity = ['mv', 'ga'].map((region) => ({ region, gpus: 64 }));
  await admin('PUT', '/gpu-types/h100-80gb', { hourly_rate_nano_usd: '3200000000', capacity });
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await killRegistry();
  for (const close of closers) await close();
}, TEST_TIMEOUT_MS);

beforeEach(async () => {
  hook = passOn;
  if (registry?.exitCode !== null || registry.signalCode !== null) await startRegistry();
}, TEST_TIMEOUT_MS);

async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url: path = '' } = request;
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  for (const name of ['host', 'connection', 'content-length', 'transfer-encoding']) Reflect.deleteProperty(headers, name);
  const bytes = await buffer(request);
  const forward = async (): Promise<Answer> => {
    const answer = await fetch(`${billingUrl}${path}`, { method, headers, ...(bytes.length === 0 ? {} : { body: bytes }) });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  try {
    const { status, body } = await hook({ method, path }, forward);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body));
  } catch {
    response.destroy();
  }
}

async function startRegistry(): Promise<void> {
  const port = await freePort();
  registryUrl = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [REGISTRY], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...{ ECOLINK_HOST: '127.0.0.1', ECOLINK_PORT: String(port), DATABASE_URL: databaseUrl, LOG_LEVEL: 'silent' },
      ...{ ECOLINK_INTERNAL_SECRET: SECRET, ECOLINK_ADMIN_TOKENS: `tester=${ADMIN_TOKEN}`, ECOLINK_AUTH_BILLING_URL: proxyUrl },
      ECOLINK_ENCRYPTION_KEY: ENCRYPTION_KEY,
    },
  });
  registry = child;
  const isReady = () =>
    fetch(`${registryUrl}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitFor(isReady, { timeoutMs: 60_000, what: 'the registry to be ready' });
}

async function killRegistry(): Promise<void> {
  if (registry === undefined || registry.exitCode !== null || registry.signalCode !== null) return;
  const gone = once(registry, 'exit');
  registry.kill('SIGKILL');
  await gone;
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function call(url: string, token: string, method: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
}

async function admin(method: string, path: string, body?: unknown): Promise<Answer['body']> {
  const answer = await call(`${registryUrl}/admin/v1${path}`, ADMIN_TOKEN, method, body);
  expect(answer.status).toBeLessThan(300);
  return answer.body;
}

const ofBilling = (method: string, path: string, body?: unknown): Promise<Answer> =>
  call(`${billingUrl}/admin/v1${path}`, ADMIN_TOKEN, method, body);

interface Customer {
  readonly id: string;
  readonly manage: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Ends with the answer, or undefined where the registry died before it. */
  readonly launch: () => Promise<Answer | undefined>;
}

async function customer(balance = BALANCE): Promise<Customer> {
  const { id } = (await ofBilling('POST', '/accounts', { name: 'acme' })).body;
  await ofBilling('POST', `/accounts/${id}/credits`, { amount_nano_usd: balance, type: 'bonus_grant', reason: 'test' });
  const { key } = (await ofBilling('POST', `/accounts/${id}/api-keys`, { name: 'test', scopes: ['management'] })).body;
  const manage: Customer['manage'] = (method, path, body) => call(`${registryUrl}/api/v1${path}`, key, method, body);
  const source = { kind: 'huggingface', repo: 'demo/m' };
  const model = (await manage('POST', '/models', { name: 'm', category: 'chat', source })).body;
  const body = { model_id: model.id, gpu_type: 'h100-80gb', gpu_count: 2, image: 'simulator' };
  return { id, manage, launch: () => manage('POST', '/instances', body).catch(() => undefined) };
}

async function moneyOf({ id }: Customer): Promise<{ available: string; held: string }> {
  const row = await database.client.balance.findUniqueOrThrow({ where: { accountId: id } });
  return { available: String(row.balanceNanoUsd), held: String(row.heldNanoUsd) };
}

/** What a launch leaves that dies with the hold taken. */
async function holdForNothing({ id }: Customer): Promise<void> {
  const body = { account_id: id, gpu_type: 'h100-80gb', gpu_count: 2, replicas: 2 };
  const headers = { [HEADER.internalSecret]: SECRET, 'content-type': 'application/json' };
  const answer = await fetch(`${billingUrl}/internal/holds/987654/1`, { method: 'PUT', headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
}

const instancesOf = ({ id }: Customer): Promise<number> => database.client.instance.count({ where: { accountId: id } });
const isHold = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'PUT' && path.startsWith('/internal/holds/');

/** After the time that a hold waits for its launch, and with the registry back, nothing is there and nothing is held. */
async function expectNothingLeft(who: Customer): Promise<void> {
  hook = passOn;
  await killRegistry();
  await startRegistry();
  aheadMs += HOLD_UNCONFIRMED_MS + 1_000;
  const isBack = async () => {
    const { available, held } = await moneyOf(who);
    return available === BALANCE && held === '0';
  };
  await waitFor(isBack, { timeoutMs: 60_000, what: 'the money to be back' });
  expect(await instancesOf(who)).toBe(0);
  expect((await who.manage('GET', '/instances')).body.data).toEqual([]);
  const { body } = await ofBilling('POST', `/reconcile?account_id=${who.id}`);
  expect(body).toMatchObject({ balanced: true, differences: [] });
  expect(await verifyLedger(database)).toEqual([]);
  // And a launch goes on as if nothing had been.
  expect((await who.launch())?.status).toBe(201);
  expect(await moneyOf(who)).toEqual({ available: String(BigInt(BALANCE) - BigInt(HOLD)), held: HOLD });
}

describe('a launch whose process dies', () => {
  it(
    'before the money is asked for leaves nothing',
    async () => {
      const who = await customer();
      hook = async (request, forward) => {
        if (!isHold(request)) return forward();
        await killRegistry();
        throw new Error('never came');
      };
      expect(await who.launch()).toBeUndefined();
      expect(await moneyOf(who)).toEqual({ available: BALANCE, held: '0' });
      await expectNothingLeft(who);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'when the money is held and it has not heard of it leaves nothing, once the hold has waited in vain',
    async () => {
      const who = await customer();
      hook = async (request, forward) => {
        const answer = await forward();
        if (isHold(request)) await killRegistry();
        return answer;
      };
      expect(await who.launch()).toBeUndefined();
      expect(await moneyOf(who)).toEqual({ available: String(BigInt(BALANCE) - BigInt(HOLD)), held: HOLD });
      await expectNothingLeft(who);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'in the transaction that makes the instance leaves nothing',
    async () => {
      const who = await customer();
      let answered = false;
      hook = async (request, forward) => {
        const answer = await forward();
        answered ||= isHold(request);
        return answer;
      };
      await database.transaction(async (transaction) => {
        // The launch waits for this lock in its own transaction.
        await transaction.$queryRaw`SELECT 1 FROM models WHERE account_id = ${who.id} FOR UPDATE`;
        const launched = who.launch();
        const isWaiting = async () => {
          const rows = await database.client.$queryRaw<unknown[]>`
            SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%models%'`;
          return answered && rows.length > 0;
        };
        await waitFor(isWaiting, { timeoutMs: 60_000, what: 'the launch to wait for its model' });
        await killRegistry();
        expect(await launched).toBeUndefined();
      });
      expect(await instancesOf(who)).toBe(0);
      await expectNothingLeft(who);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'behind the commit leaves an instance that is paid for, and a hold that stands',
    async () => {
      const who = await customer();
      const launched = who.launch();
      await waitFor(async () => (await instancesOf(who)) === 1, { timeoutMs: 60_000, intervalMs: 1, what: 'the commit' });
      await killRegistry();
      await launched;
      await startRegistry();
      const isConfirmed = async () => {
        const [hold] = await database.client.instanceHold.findMany({ where: { accountId: who.id } });
        return hold?.status === 'held';
      };
      await waitFor(isConfirmed, { timeoutMs: 60_000, what: 'the hold to be confirmed' });
      const other = await customer();
      await holdForNothing(other);
      aheadMs += HOLD_UNCONFIRMED_MS + 1_000;
      await waitFor(async () => (await moneyOf(other)).held === '0', {
        timeoutMs: 60_000,
        what: 'a hold without a launch to be given back',
      });
      expect(await moneyOf(who)).toEqual({ available: String(BigInt(BALANCE) - BigInt(HOLD)), held: HOLD });
      expect((await who.manage('GET', '/instances')).body.data).toHaveLength(1);
    },
    TEST_TIMEOUT_MS,
  );
});

describe('a launch', () => {
  it(
    'whose billing dies with the hold taken and its answer lost is refused, and leaves nothing',
    async () => {
      const who = await customer();
      hook = async (request, forward) => {
        const answer = await forward();
        if (isHold(request)) throw new Error('the answer is lost');
        return answer;
      };
      expect((await who.launch())?.status).toBe(503);
      await expectNothingLeft(who);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'for which the balance has become too small between quote and hold is 402; nothing is made, and nothing held',
    async () => {
      const who = await customer();
      hook = async (request, forward) => {
        if (isHold(request))
          await ofBilling('POST', `/accounts/${who.id}/credits`, {
            ...{
              amount_nano_usd: `-${BigInt(BALANCE) - BigInt(HOLD) + 1n}`,
              type: 'admin_correction',
              reason: 'spent meanwhile',
            },
          });
        return forward();
      };
      expect(await who.launch()).toMatchObject({ status: 402, body: { error: { code: 'insufficient_balance' } } });
      expect(await moneyOf(who)).toEqual({ available: String(BigInt(HOLD) - 1n), held: '0' });
      expect(await instancesOf(who)).toBe(0);
      expect(await database.client.instanceHold.count({ where: { accountId: who.id } })).toBe(0);
    },
    TEST_TIMEOUT_MS,
  );
});
