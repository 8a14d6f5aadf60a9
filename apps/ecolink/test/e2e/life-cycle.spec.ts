import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import {
  type Answer,
  type Customer,
  DOLLAR_NANO_USD,
  freePort,
  isProductGiven,
  killHard,
  type LaunchedInstance,
  mustSucceed,
  newCustomer,
  podAddress,
  type ProductClient,
  runProduct,
  type StartedProduct,
  startProduct,
  type StartProductOptions,
  stillAlive,
  temporaryDirectory,
  waitFor,
} from '@ecolink/testing';
import { readUntil } from './support/read-stream.js';

/** These tests stop and kill; a product that was handed to the suite is spared. */
const describeOwn = isProductGiven ? describe.skip : describe;

const TEST_TIMEOUT_MS = 300_000;
const GONE_TIMEOUT_MS = 5_000;
/** A stop with nothing to wait for. */
const STOP_TIMEOUT_MS = 15_000;
/** For what comes soon on a machine that has nothing else to do. */
const PATIENCE_MS = 60_000;
const PRICES = { nano_usd_per_request: '1000' };

/** The product of these tests, in a directory whose name has spaces. A test leaves it to the next, which starts it again where it was ended. */
let product: StartedProduct | undefined;
let pod: ModelSimulator | undefined;
let places: Required<Pick<StartProductOptions, 'dataDirectory' | 'port' | 'adminPort'>>;
let controlPort: number;
const directories: string[] = [];

beforeAll(async () => {
  const parent = await temporaryDirectory('ecolink e2e ');
  directories.push(parent);
  const dataDirectory = path.join(parent, 'a data directory');
  places = { dataDirectory, port: await freePort(), adminPort: await freePort() };
  controlPort = await freePort();
});

afterEach(async () => {
  await pod?.close();
  pod = undefined;
});

afterAll(async () => {
  await product?.remove();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
}, TEST_TIMEOUT_MS);

/** Starts the product: same data, same ports as before, so that its clients find it again. */
async function start(args: string[] = []): Promise<StartedProduct> {
  await mkdir(places.dataDirectory, { recursive: true });
  product = await startProduct({ ...places, args, env: { ECOLINK_SIMULATOR_CONTROL_PORT: String(controlPort) } });
  return product;
}

/** The product that runs already and serves; else it is started. One that runs and does not serve goes with its data. */
async function running(): Promise<StartedProduct> {
  if (product !== undefined && stillAlive([product.pid]).length > 0) {
    const answer = await firstChat(product).catch(() => undefined);
    if (answer?.status === 200) return product;
    await product.remove();
  }
  return start();
}

async function launch(client: ProductClient, tokensPerSecond: number): Promise<[Customer, LaunchedInstance]> {
  await mustSucceed(client.admin('PUT', '/plans/e2e-life', { requests_per_minute: 100_000 }));
  const customer = await newCustomer(client, { plan: 'e2e-life' });
  pod = await startModelSimulator({ ...podAddress(), model: 'mine', ttftMs: 1, tokensPerSecond });
  const instance = await customer.launchAndWait([{ region: 'mv', url: pod.url }], { servedModelName: 'mine', prices: PRICES });
  return [customer, instance];
}

async function firstChat(client: ProductClient): Promise<Answer> {
  const [model = ''] = client.credentials.models;
  return client.request('/v1/chat/completions', {
    body: { model, max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] },
  });
}

describeOwn('Ctrl-C', () => {
  it(
    'lets a stream in flight end, takes no new call, exits 0, leaves no process, and has the call in the ledger',
    async () => {
      const current = await running();
      const [customer, instance] = await launch(current, 30);
      const pids = [...current.processes().map(({ pid }) => pid), current.postgresPid() ?? 0];
      expect(pids.length).toBeGreaterThan(4);
      const response = await customer.openChat(instance.model, { stream: true });
      const reader = response.body?.getReader();
      if (reader === undefined) throw new Error('a stream without a body');
      await readUntil(reader, (text) => text.includes('data:'));
      const stopped = current.stop();
      await waitFor(
        () =>
          customer.request('/v1/models').then(
            ({ status }) => status === 503,
            () => true,
          ),
        { timeoutMs: PATIENCE_MS, what: 'new calls to be refused' },
      );
      expect(await readUntil(reader, () => false)).toMatch(/data: \[DONE\]\s*$/);
      expect(await stopped).toEqual({ code: 0, signal: null });
      expect(stillAlive(pids)).toEqual([]);
      const again = await start();
      const call = await customer.call(response.headers.get('x-ecolink-request-id') ?? '');
      expect(call).toMatchObject({ outcome: 'completed', cost_nano_usd: '1000' });
      expect((await again.admin('GET', '/ledger/trial-balance')).body).toMatchObject({ balanced: true, total_nano_usd: '0' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'ends at once though clients hold connections open that they never used, or use no more',
    async () => {
      const current = await running();
      const { hostname, port } = new URL(current.root);
      const sockets = [connect(Number(port), hostname), connect(Number(port), hostname)];
      await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
      sockets[1]?.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      await new Promise((resolve) => sockets[1]?.once('data', resolve));
      const [customer, instance] = await launch(current, 30);
      const abort = new AbortController();
      const aborted = customer.openChat(instance.model, {}, abort.signal).catch(() => undefined);
      await waitFor(() => pod?.requests().at(-1)?.outcome === 'running', { timeoutMs: PATIENCE_MS, what: 'the pod to begin' });
      abort.abort();
      await aborted;
      const late = delay(STOP_TIMEOUT_MS, 'still running', { ref: false });
      expect(await Promise.race([current.stop(), late])).toEqual({ code: 0, signal: null });
      for (const socket of sockets) socket.destroy();
    },
    TEST_TIMEOUT_MS,
  );
});

describeOwn('kill -9', () => {
  it(
    'of everything but the database, in the middle of calls, loses no completed call and bills none twice',
    async () => {
      const current = await running();
      const [customer, instance] = await launch(current, 0);
      const completed: string[] = [];
      let isOver = false;
      const callers = Array.from({ length: 8 }, async () => {
        while (!isOver) {
          const answer = await customer.chat(instance.model).catch(() => undefined);
          if (answer?.status === 200) completed.push(answer.headers.get('x-ecolink-request-id') ?? '');
        }
      });
      await waitFor(() => completed.length >= 100, { timeoutMs: PATIENCE_MS, what: '100 calls' });
      await current.kill9();
      isOver = true;
      await Promise.all(callers);
      const again = await start();
      await expectBilledOnce(customer, completed);
      await customer.waitUntilHealthy(instance, 1);
      expect((await customer.chat(instance.model)).status).toBe(200);
      expect((await firstChat(again)).status).toBe(200);
      expect((await again.admin('GET', '/ledger/trial-balance')).body).toMatchObject({
        balanced: true,
        total_nano_usd: '0',
        problems: [],
      });
      expect((await again.admin('GET', '/dead-letters')).body.data).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of the supervisor alone takes its children with it within 5 s, and the next start adopts or starts the database',
    async () => {
      const current = await running();
      const pids = current.processes().map(({ pid }) => pid);
      killHard([current.pid]);
      await waitFor(() => stillAlive(pids).length === 0, { timeoutMs: GONE_TIMEOUT_MS, what: 'the children to end' });
      const again = await start();
      expect((await firstChat(again)).status).toBe(200);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of the database server too leaves a data directory that the next start recovers',
    async () => {
      const current = await running();
      const [customer, instance] = await launch(current, 0);
      const answer = await customer.chat(instance.model);
      // The product may have been started a moment ago, after a kill: billing takes up again where it was.
      await customer.call(answer.headers.get('x-ecolink-request-id') ?? '');
      const postgres = current.postgresPid() ?? 0;
      await current.kill9();
      killHard([postgres]);
      await waitFor(() => stillAlive([postgres]).length === 0, { timeoutMs: PATIENCE_MS });
      const again = await start();
      expect((await firstChat(again)).status).toBe(200);
      expect(await customer.balance()).toBe(DOLLAR_NANO_USD - 1_000n);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of each part is survived: it is started again and calls are served',
    async () => {
      const current = await running();
      const parts = current.processes().filter(({ command }) => command.includes('--role'));
      expect(parts).toHaveLength(2);
      for (const { pid } of parts) {
        killHard([pid]);
        await waitFor(() => stillAlive([pid]).length === 0, { timeoutMs: PATIENCE_MS });
        await waitFor(async () => (await firstChat(current).catch(() => undefined))?.status === 200, {
          timeoutMs: PATIENCE_MS,
          intervalMs: 100,
          what: 'calls to be served again',
        });
      }
      expect(current.processes().filter(({ command }) => command.includes('--role'))).toHaveLength(2);
    },
    TEST_TIMEOUT_MS,
  );
});

describeOwn('death of simulated pods', () => {
  it(
    'is survived, of one and of the process of all: they start again and serve',
    async () => {
      const current = await running();
      const list = async (): Promise<{ id: string; port: number }[]> => {
        const response = await fetch(`http://127.0.0.1:${controlPort}/control`).catch(() => undefined);
        if (response === undefined) return [];
        return ((await response.json()) as { simulators: { id: string; port: number }[] }).simulators;
      };
      const before = await waitFor(
        async () => {
          const simulators = await list();
          return simulators.length > 1 ? simulators : undefined;
        },
        { timeoutMs: PATIENCE_MS },
      );
      const kill = await fetch(`http://127.0.0.1:${controlPort}/control/kill?id=${before[0]?.id ?? ''}`, { method: 'POST' });
      expect(kill.status).toBe(200);
      const portOf = (simulators: typeof before): number | undefined => simulators.find(({ id }) => id === before[0]?.id)?.port;
      await waitFor(async () => ![undefined, portOf(before)].includes(portOf(await list())), { timeoutMs: PATIENCE_MS });
      await waitFor(async () => (await firstChat(current)).status === 200, { timeoutMs: PATIENCE_MS });

      const [host] = current.processes().filter(({ command }) => command.includes('model-simulator'));
      killHard([host?.pid ?? 0]);
      await waitFor(() => stillAlive([host?.pid ?? 0]).length === 0, { timeoutMs: PATIENCE_MS });
      await waitFor(
        async () => {
          const ids = (await list()).map(({ id }) => id);
          return before.every(({ id }) => ids.includes(id));
        },
        { timeoutMs: PATIENCE_MS },
      );
      await waitFor(async () => (await firstChat(current)).status === 200, { timeoutMs: PATIENCE_MS });
    },
    TEST_TIMEOUT_MS,
  );
});

describeOwn('starting', () => {
  it.each(['--port', '--admin-port'])(
    'says which option to change when a port is taken, and exits 1: %s',
    async (option) => {
      const current = await running();
      const taken = option === '--port' ? new URL(current.root).port : new URL(current.credentials.admin_url).port;
      const dataDirectory = await temporaryDirectory();
      directories.push(dataDirectory);
      const ports = { '--port': String(await freePort()), '--admin-port': String(await freePort()), [option]: taken };
      const second = runProduct([...Object.entries(ports).flat(), '--data-dir', dataDirectory]);
      expect(await second.exited).toEqual({ code: 1, signal: null });
      expect(second.output()).toContain(`port ${taken}`);
      expect(second.output()).toMatch(new RegExp(`choose another with ${option}\\b`));
      expect(second.output()).not.toMatch(/^\s+at /m);
      expect((await firstChat(current)).status).toBe(200);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'refuses a data directory that another product uses, and leaves that one alone',
    async () => {
      const current = await running();
      for (const further of [[], ['--reset']]) {
        const args = [
          '--port',
          String(await freePort()),
          '--admin-port',
          String(await freePort()),
          '--data-dir',
          current.dataDirectory,
          ...further,
        ];
        const second = runProduct(args);
        expect(await second.exited).toEqual({ code: 1, signal: null });
        expect(second.output()).toContain(current.dataDirectory);
        expect((await firstChat(current)).status).toBe(200);
      }
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    [['--port', 'http'], '--port'],
    [['--colour', 'red'], '--colour'],
    [['--gateway-ports', '1'], '--gateway-ports'],
  ])(
    'explains a wrong option and shows the right ones: %j',
    async (args, named) => {
      const wrong = runProduct(args);
      expect((await wrong.exited).code).toBe(2);
      expect(wrong.output()).toContain(named);
      expect(wrong.output()).toContain('--data-dir DIRECTORY');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'works in a directory whose name has spaces, keeps secrets from others, is quick when warm, and forgets all by --reset',
    async () => {
      const first = await running();
      const { dataDirectory } = first;
      expect((await firstChat(first)).status).toBe(200);
      for (const file of ['credentials.json', 'secrets.json', 'log/ecolink.1.log', 'log/router.1.log']) {
        expect([file, (await stat(path.join(dataDirectory, file))).mode & 0o077]).toEqual([file, 0]);
      }
      expect(await first.stop()).toEqual({ code: 0, signal: null });

      const startedAt = performance.now();
      const warm = await start();
      expect((await firstChat(warm)).status).toBe(200);
      const warmMs = performance.now() - startedAt;
      process.stderr.write(`warm start to the first answer: ${(warmMs / 1000).toFixed(1)} s\n`);
      expect(warmMs).toBeLessThan(90_000);
      expect(warm.credentials).toEqual({ ...first.credentials, pid: warm.pid });
      const monthCalls = async () => (await warm.management('GET', '/billing')).body.month_calls;
      await waitFor(async () => (await monthCalls()) >= 1, {
        timeoutMs: PATIENCE_MS,
        intervalMs: 250,
        what: 'a call in the month',
      });
      expect(await warm.stop()).toEqual({ code: 0, signal: null });

      const fresh = await start(['--reset']);
      expect(fresh.credentials.api_key).not.toBe(first.credentials.api_key);
      expect(fresh.credentials.account_id).not.toBe(first.credentials.account_id);
      expect((await fresh.request('/v1/models', { key: first.credentials.api_key })).status).toBe(401);
      expect((await fresh.management('GET', '/billing')).body).toMatchObject({
        month_calls: 0,
        balance_nano_usd: String(DOLLAR_NANO_USD),
      });
      expect((await firstChat(fresh)).status).toBe(200);
      const logs = ['ecolink', 'router', 'gateways'].map((name) =>
        readFile(path.join(dataDirectory, `log/${name}.1.log`), 'utf8'),
      );
      const log = (await Promise.all(logs)).join('');
      for (const secret of [fresh.credentials.api_key, fresh.credentials.management_key, fresh.credentials.admin_token])
        expect(log).not.toContain(secret);
    },
    TEST_TIMEOUT_MS,
  );
});

/** Every completed call is in the ledger exactly once, and so is at most each that the client saw no end of. */
async function expectBilledOnce(customer: Customer, completed: readonly string[]): Promise<void> {
  const calls = async (): Promise<string[]> => (await everyPage(customer, '/billing/calls')).map(({ request_id: id }) => id);
  await waitFor(
    async () => {
      const known = new Set(await calls());
      return completed.every((id) => known.has(id));
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 1_000, what: 'every completed call to be in billing' },
  );
  // A call that the client saw no end of may be posted between two reads.
  await waitFor(
    async () => {
      const recorded = await calls();
      expect(new Set(recorded).size).toBe(recorded.length);
      const rows = await everyPage(customer, '/billing/transactions', '&type=api_usage');
      expect(new Set(rows.map(({ amount_nano_usd: amount }) => amount))).toEqual(new Set(['-1000']));
      const spent = DOLLAR_NANO_USD - (await customer.balance());
      return rows.length === recorded.length && spent === BigInt(recorded.length) * 1_000n;
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 1_000, what: 'as many rows as calls, and their cost off the balance' },
  );
}

async function everyPage(customer: Customer, list: string, query = ''): Promise<Answer['body'][]> {
  const items: Answer['body'][] = [];
  let after = '';
  for (;;) {
    const { body } = await mustSucceed(customer.manage('GET', `${list}?limit=100${query}${after}`));
    items.push(...body.data);
    if (body.has_more !== true) return items;
    after = `&after=${body.last_id}`;
  }
}
