import {
  type Answer,
  type Customer,
  isProductGiven,
  mustSucceed,
  newCustomer,
  type StartedProduct,
  startProduct,
  waitFor,
} from '@ecolink/testing';
import { expectRefusal } from './support/expect-refusal.js';

/** The period of its cycles is set for it. */
const describeOwn = isProductGiven ? describe.skip : describe;

const SETUP_TIMEOUT_MS = 150_000;
const TEST_TIMEOUT_MS = 300_000;
/** An account may make 600 management calls a minute. */
const WAIT = { timeoutMs: 120_000, intervalMs: 250 };
const PERIOD_S = 10n;
/** $0.01 a second for each replica. */
const RATE_NANO_USD = 36_000_000_000n;
const REPLICAS = 2n;
const HOLD_NANO_USD = (RATE_NANO_USD * REPLICAS * PERIOD_S) / 3_600n;
/** What is left of it beside a whole hold ends in a part of one, however long the replicas were ready. */
const REST_NANO_USD = 120_000_000n;
const PLATFORM_MODEL = 'meta-llama/Llama-3.1-8B-Instruct';

let product: StartedProduct;

beforeAll(async () => {
  product = await startProduct({ env: { ECOLINK_HOLD_PERIOD_SECONDS: String(PERIOD_S), ECOLINK_TEST_PAYMENTS: '1' } });
  await mustSucceed(product.admin('PUT', '/gpu-types/sim-small', { hourly_rate_nano_usd: String(RATE_NANO_USD) }));
}, SETUP_TIMEOUT_MS);
afterAll(() => product?.remove(), SETUP_TIMEOUT_MS);

interface Row {
  readonly type: string;
  readonly amount_nano_usd: string;
  readonly balance_after_nano_usd: string;
}

/** Oldest first. */
async function rowsOf(customer: Customer): Promise<Row[]> {
  return (await mustSucceed(customer.manage('GET', '/billing/transactions?limit=100'))).body.data.toReversed();
}

const holdsIn = (rows: readonly Row[]): Row[] => rows.filter(({ type }) => type === 'hold');
const instanceOf = async (customer: Customer, id: number): Promise<Answer['body']> =>
  (await mustSucceed(customer.manage('GET', `/instances/${id}`))).body;
const platformCall = (customer: Customer): Promise<Answer> => customer.chat(PLATFORM_MODEL, { max_tokens: 1 });

async function launch(customer: Customer, gpuCount = 1): Promise<Answer> {
  const model = { name: `m-${gpuCount}`, category: 'chat', source: { kind: 'huggingface', repo: 'demo/m' } };
  const { body } = await mustSucceed(customer.manage('POST', '/models', model));
  return customer.manage('POST', '/instances', {
    ...{ model_id: body.id, gpu_type: 'sim-small', gpu_count: gpuCount, image: 'ecolink/model-simulator', custom_api_path: '/' },
  });
}

/** The sum of the rows, each of which has to name the balance after it. */
function addedUp(rows: readonly Row[]): bigint {
  let balance = 0n;
  for (const { amount_nano_usd: amount, balance_after_nano_usd: after } of rows) {
    balance += BigInt(amount);
    expect(BigInt(after)).toBe(balance);
  }
  return balance;
}

async function expectRowsToAddUp(customer: Customer): Promise<void> {
  // A call that was answered a moment ago may be posted between two reads.
  await waitFor(async () => addedUp(await rowsOf(customer)) === (await customer.balance()), {
    ...WAIT,
    what: 'the rows to come to the balance',
  });
  const { body } = await mustSucceed(product.admin('POST', `/reconcile?account_id=${customer.accountId}`));
  expect(body).toMatchObject({ balanced: true, differences: [] });
}

describeOwn('an instance on GPUs', () => {
  it(
    'is not launched where the balance does not cover its hold: 402, and nothing is there and nothing taken',
    async () => {
      const customer = await newCustomer(product, { creditNanoUsd: HOLD_NANO_USD - 1n });
      expectRefusal(await launch(customer), 'insufficient_balance', null);
      expect((await customer.manage('GET', '/instances')).body.data).toEqual([]);
      expect(await customer.balance()).toBe(HOLD_NANO_USD - 1n);
      expect((await rowsOf(customer)).map(({ type }) => type)).toEqual(['admin_correction']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is held for, renewed, held for in part with a warning, and ends for good when the credit is used up; the ledger adds up',
    async () => {
      const customer = await newCustomer(product, { creditNanoUsd: 2n * HOLD_NANO_USD });
      const { status, body: launched } = await launch(customer);
      expect([status, launched.hold_nano_usd]).toEqual([201, String(HOLD_NANO_USD)]);
      const id: number = launched.id;
      const ofAccount = (await customer.manage('GET', '/billing')).body;
      expect([ofAccount.balance_nano_usd, ofAccount.held_nano_usd]).toEqual([String(HOLD_NANO_USD), String(HOLD_NANO_USD)]);
      await waitFor(async () => (await customer.chat(launched.model)).status === 200, {
        ...WAIT,
        what: 'a first answer',
      });

      await waitFor(async () => holdsIn(await rowsOf(customer)).length >= 2, { ...WAIT, what: 'the renewal' });
      // As long as each cycle leaves enough for a whole one more, the rest is taken off: what follows then is a part.
      let seen = 0;
      const partial = await waitFor(
        async () => {
          const holds = holdsIn(await rowsOf(customer));
          const newest = holds.at(-1);
          if (newest === undefined || BigInt(newest.amount_nano_usd) !== -HOLD_NANO_USD) return newest;
          if (holds.length > seen) {
            seen = holds.length;
            await customer.credit(REST_NANO_USD - (await customer.balance()));
          }
          return undefined;
        },
        { ...WAIT, what: 'a hold of a part' },
      );
      expect(-BigInt(partial.amount_nano_usd)).toBeLessThan(HOLD_NANO_USD);
      expect(partial.balance_after_nano_usd).toBe('0');
      // What is held serves the instance that it is held for, and nothing that has a price.
      expectRefusal(await platformCall(customer), 'insufficient_balance', null);
      const warnings = (await mustSucceed(customer.manage('GET', '/notifications'))).body.data;
      expect(warnings).toContainEqual(expect.objectContaining({ kind: 'partial_hold', severity: 'warning' }));

      await waitFor(async () => (await instanceOf(customer, id)).state === 'terminated', { ...WAIT, what: 'the end' });
      expect(await instanceOf(customer, id)).toMatchObject({ termination_reason: 'credit_depleted' });
      const calls = [() => customer.chat(launched.model), () => customer.request(`/inference-instances/${id}/proxy/v1/models`)];
      const areRefused = async (): Promise<boolean> => {
        for (const call of calls) if ((await call()).body.error?.code !== 'instance_credit_depleted') return false;
        return true;
      };
      await waitFor(areRefused, { ...WAIT, what: '402 on both paths' });

      const paid = await mustSucceed(customer.manage('POST', '/billing/top-ups', { amount_nano_usd: '5000000000' }));
      expect(paid.body.status).toBe('succeeded');
      await waitFor(async () => (await platformCall(customer)).status === 200, {
        ...WAIT,
        what: 'the top-up to count',
      });
      for (const call of calls) expectRefusal(await call(), 'instance_credit_depleted', null);

      await waitFor(async () => (await customer.manage('GET', '/billing')).body.held_nano_usd === '0', { ...WAIT });
      const rows = await rowsOf(customer);
      const sum = (type: string): bigint =>
        rows.filter((row) => row.type === type).reduce((total, row) => total + BigInt(row.amount_nano_usd), 0n);
      expect(sum('hold') + sum('hold_release')).toBe(0n);
      expect(sum('gpu_usage')).toBeLessThan(0n);
      expect(rows.map(({ type }) => type)).toContain('topup');
      await expectRowsToAddUp(customer);
    },
    TEST_TIMEOUT_MS,
  );
});

describeOwn('a budget', () => {
  it(
    'refuses what it does not cover with 402 budget_reached, and opens when it is raised or deleted',
    async () => {
      const customer = await newCustomer(product);
      const budget = { scope: { kind: 'key', id: customer.keyId }, period: 'day', limit_nano_usd: '1' };
      const { body } = await mustSucceed(customer.manage('POST', '/budgets', budget));
      await waitFor(async () => (await platformCall(customer)).body.error?.code === 'budget_reached', {
        ...{ ...WAIT, what: 'the budget to be reached' },
      });
      const other = await customer.createKey();
      await waitFor(async () => (await product.request('/v1/models', { key: other.key })).status === 200, { ...WAIT });
      const ofOther = await product.request('/v1/chat/completions', {
        ...{ key: other.key, body: { model: PLATFORM_MODEL, max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] } },
      });
      expect(ofOther.status).toBe(200);
      await mustSucceed(customer.manage('POST', `/budgets/${body.id}/raise`, { by_nano_usd: '100000000' }));
      await waitFor(async () => (await platformCall(customer)).status === 200, {
        ...WAIT,
        what: 'the raise to count',
      });
      await mustSucceed(customer.manage('PATCH', `/budgets/${body.id}`, { limit_nano_usd: '0' }));
      await mustSucceed(customer.manage('DELETE', `/budgets/${body.id}`));
      await waitFor(async () => (await platformCall(customer)).status === 200, { ...WAIT, what: 'no budget' });
      await expectRowsToAddUp(customer);
    },
    TEST_TIMEOUT_MS,
  );
});
