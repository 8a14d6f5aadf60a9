import { setTimeout as delay } from 'node:timers/promises';
import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import { Customer, mustSucceed, newCustomer, type ProductClient, waitFor } from '@ecolink/testing';
import { CLUSTER_TIMEOUT_MS, RunningCluster } from './support/running-cluster.js';

const ROUTERS = 3;
const LIMIT = 60;
const WINDOW_MS = 60_000;
const NANO_USD_PER_TOKEN = 10_000;
const TOKENS = 100;
/** Between two synchronisations of the routers, and one more for what is under way. */
const SYNCHRONISED_MS = 2_500;
const TEST_TIMEOUT_MS = 180_000;

let cluster: RunningCluster;
let product: ProductClient;
let pod: ModelSimulator;

beforeAll(async () => {
  cluster = await RunningCluster.start({ routers: ROUTERS, brokers: 1 });
  product = cluster.client();
  pod = await startModelSimulator({ model: 'm', ttftMs: 20, tokensPerSecond: 2_000 });
  await mustSucceed(product.admin('PUT', '/plans/tight', { requests_per_minute: LIMIT }));
  await mustSucceed(product.admin('PUT', '/plans/wide', { requests_per_minute: 1_000_000 }));
}, CLUSTER_TIMEOUT_MS);

afterAll(async () => {
  await pod?.close();
  await cluster?.remove();
}, CLUSTER_TIMEOUT_MS);

/** The same customer, as each router knows it. */
function atEachRouter(customer: Customer): Customer[] {
  return Array.from(
    { length: ROUTERS },
    (_unused, index) =>
      new Customer(cluster.routerClient(index), customer.accountId, customer.key, customer.keyId, customer.managementKey),
  );
}

async function metric(name: string): Promise<number[]> {
  const { routers, admin_token: token } = cluster.read();
  return Promise.all(
    routers.map(async ({ admin_url: url }) => {
      const text = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text();
      return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? NaN);
    }),
  );
}

describe('a request limit over three routers', () => {
  it(
    'is passed by two at the most in a burst of three times its size, and by a tenth at the most in any minute',
    async () => {
      const routers = atEachRouter(await newCustomer(product, { plan: 'tight' }));
      await delay(SYNCHRONISED_MS);
      const admittedAt: number[] = [];
      const call = async (router: Customer): Promise<void> => {
        const { status } = await router.request('/v1/models');
        if (status === 200) admittedAt.push(Date.now());
      };
      await Promise.all(Array.from({ length: LIMIT }, () => routers.map(call)).flat());
      const inBurst = admittedAt.length;
      expect(inBurst).toBeLessThanOrEqual(LIMIT + ROUTERS - 1);
      expect(inBurst).toBeGreaterThanOrEqual(LIMIT - ROUTERS);
      for (const until = Date.now() + WINDOW_MS + 15_000; Date.now() < until; await delay(300))
        await Promise.all(routers.map(call));
      const inAnyMinute = Math.max(
        ...admittedAt.map((start) => admittedAt.filter((at) => at >= start && at < start + WINDOW_MS).length),
      );
      const overshoot = await metric('ecolink_router_rate_limit_overshoot_requests');
      console.log(
        `limit ${LIMIT}: ${inBurst} in the burst, ${inAnyMinute} in any minute, overshoot seen ${overshoot.join(', ')}`,
      );
      expect(inAnyMinute).toBeLessThanOrEqual(LIMIT * 1.1);
      for (const seen of overshoot) expect(seen).toBeLessThanOrEqual(ROUTERS - 1);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'counts nothing twice and forgets nothing when Redis is emptied, and is shared out while Redis is silent',
    async () => {
      const routers = atEachRouter(await newCustomer(product, { plan: 'tight' }));
      const countAdmitted = async (each: number): Promise<number> => {
        const answers = await Promise.all(
          routers.flatMap((router) => Array.from({ length: each }, () => router.request('/v1/models'))),
        );
        return answers.filter(({ status }) => status === 200).length;
      };
      await delay(SYNCHRONISED_MS);
      expect(await countAdmitted(10)).toBe(30);
      await cluster.run('kill', 'redis');
      await cluster.run('start', 'redis');
      await delay(SYNCHRONISED_MS);
      const afterwards = await countAdmitted(20);
      expect(afterwards).toBeLessThanOrEqual(LIMIT - 30 + ROUTERS - 1);
      expect(afterwards).toBeGreaterThanOrEqual(LIMIT - 30 - ROUTERS);

      const others = atEachRouter(await newCustomer(product, { plan: 'tight' }));
      await cluster.run('pause', 'redis');
      try {
        await delay(SYNCHRONISED_MS);
        const alone = await Promise.all(
          others.flatMap((router) => Array.from({ length: LIMIT }, () => router.request('/v1/models'))),
        );
        expect(alone.filter(({ status }) => status === 200)).toHaveLength(LIMIT);
      } finally {
        await cluster.run('resume', 'redis');
      }
    },
    TEST_TIMEOUT_MS,
  );
});

describe('a nearly empty account over three routers', () => {
  it(
    'is overspent by less than ten average calls for each router in bursts of expensive calls, and serves a lone call at any balance',
    async () => {
      const customer = await newCustomer(product, { plan: 'wide', creditNanoUsd: 5n * BigInt(TOKENS * NANO_USD_PER_TOKEN) });
      const { id, model } = await customer.launchAndWait([{ region: 'mv', url: pod.url }], { servedModelName: 'm' });
      await mustSucceed(
        product.admin('PATCH', `/instances/${id}`, {
          prices: { output_nano_usd_per_1m_tokens: String(NANO_USD_PER_TOKEN * 1_000_000) },
        }),
      );
      const routers = atEachRouter(customer);
      await delay(SYNCHRONISED_MS);
      const running: Promise<{ status: number }>[] = [];
      for (let wave = 0; wave < 40; wave += 1) {
        for (const router of routers)
          for (let call = 0; call < 10; call += 1) running.push(router.chat(model, { max_tokens: TOKENS, min_tokens: TOKENS }));
        await delay(50);
      }
      const answers = await Promise.all(running);
      const served = answers.filter(({ status }) => status === 200).length;
      expect(answers.filter(({ status }) => status !== 200 && status !== 402)).toEqual([]);
      const usage = await waitFor(
        async () => {
          const { body } = await mustSucceed(customer.manage('GET', '/billing'));
          return body.month_calls === served ? body : undefined;
        },
        { timeoutMs: 30_000, what: 'all calls in the ledger' },
      );
      const average = Number(usage.month_cost_nano_usd) / served;
      const overspent = Math.max(0, -Number(usage.balance_nano_usd));
      const seen = await metric('ecolink_router_overspend_nano_usd');
      console.log(
        `${answers.length} calls, ${served} served at ${average} nano-USD; overspent ${overspent} (${(overspent / average).toFixed(1)} calls); routers saw ${seen.join(', ')}`,
      );
      expect(served).toBeGreaterThanOrEqual(5);
      expect(overspent).toBeLessThanOrEqual(ROUTERS * 10 * average);
      expect(overspent).toBeLessThanOrEqual(ROUTERS * TOKENS * NANO_USD_PER_TOKEN);
      expect(Math.max(...seen)).toBeGreaterThanOrEqual(overspent);

      for (const router of routers) {
        await customer.credit(1n - (await customer.balance()));
        await waitFor(async () => (await router.chat(model, { max_tokens: 1 })).status === 200, {
          timeoutMs: 2_000,
          what: 'a lone call at a balance of 1 nano-USD',
        });
        await waitFor(async () => (await customer.balance()) < 0n, { timeoutMs: 5_000, what: 'the call in the ledger' });
      }
    },
    TEST_TIMEOUT_MS,
  );
});
