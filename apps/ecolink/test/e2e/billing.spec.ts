import { costOf, pricesFromDto, type UsageRecorded } from '@ecolink/contracts';
import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import {
  type Answer,
  clearOfMidnight,
  type Customer,
  DOLLAR_NANO_USD,
  type LaunchedInstance,
  mustSucceed,
  newCustomer,
  openProduct,
  type OpenProduct,
  podAddress,
  type ProductClient,
  waitFor,
} from '@ecolink/testing';
import { expectRefusal } from './support/expect-refusal.js';

let opened: OpenProduct;
let product: ProductClient;
let pod: ModelSimulator;

const SETUP_TIMEOUT_MS = 150_000;
const TEST_TIMEOUT_MS = 300_000;
/** A call is in billing at the latest this long after its answer, and a price in force after its change. */
const POSTED_WITHIN_MS = 1_000;
/** A machine that is busy for a moment has its say in one try, not in all. */
const TRIES = 5;
/** For what comes soon on a machine that has nothing else to do. */
const PATIENCE = { timeoutMs: 45_000, intervalMs: 100 };
/** Odd on purpose: every call ends in a fraction of a nano-USD. */
const PRICES = { input_nano_usd_per_1m_tokens: '50000001', output_nano_usd_per_1m_tokens: '80000007', nano_usd_per_request: '3' };

beforeAll(async () => {
  opened = await openProduct();
  ({ product } = opened);
  await mustSucceed(product.admin('PUT', '/plans/e2e-billing', { requests_per_minute: 100_000 }));
}, SETUP_TIMEOUT_MS);

afterEach(() => pod?.close());

afterAll(async () => {
  await opened?.close();
}, SETUP_TIMEOUT_MS);

async function customerWithInstance(
  prices: Record<string, string> = PRICES,
  creditNanoUsd = DOLLAR_NANO_USD,
): Promise<[Customer, LaunchedInstance]> {
  const customer = await newCustomer(product, { plan: 'e2e-billing', creditNanoUsd });
  // A server of one account is no other account's to name.
  pod = await startModelSimulator({ ...podAddress(), model: 'mine', ttftMs: 1, tokensPerSecond: 0 });
  const instance = await customer.launchAndWait([{ region: 'mv', url: pod.url }], { servedModelName: 'mine', prices });
  return [customer, instance];
}

function requestIdOf(answer: Answer): string {
  return answer.headers.get('x-ecolink-request-id') ?? '';
}

async function transactionsOf(customer: Customer, type = 'api_usage'): Promise<Answer['body'][]> {
  return (await mustSucceed(customer.manage('GET', `/billing/transactions?type=${type}&limit=100`))).body.data;
}

/** Every event of a topic from the beginning, page by page. */
async function eventsOf(topic: string, accountId: string): Promise<Answer['body'][]> {
  const events: Answer['body'][] = [];
  let after = '';
  for (;;) {
    const { body } = await mustSucceed(product.admin('GET', `/events?topic=${topic}&limit=20${after}`));
    events.push(...body.data);
    if (body.has_more !== true) break;
    after = `&after=${encodeURIComponent(body.cursor)}`;
  }
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  return events.filter(({ key }) => key === accountId);
}

async function expectBalancedLedger(): Promise<void> {
  const { body } = await mustSucceed(product.admin('GET', '/ledger/trial-balance'));
  expect(body).toMatchObject({ balanced: true, total_nano_usd: '0', problems: [] });
  const sum = body.ledger_accounts.reduce(
    (total: bigint, { amount_nano_usd: amount }: { amount_nano_usd: string }) => total + BigInt(amount),
    0n,
  );
  expect(sum).toBe(0n);
}

describe('one call', () => {
  it(
    'costs its reported usage times the price, rounded up once, within 1 s, in one ledger row',
    async () => {
      await clearOfMidnight();
      const [customer, instance] = await customerWithInstance();
      const answer = await customer.chat(instance.model);
      const answeredAt = performance.now();
      const { usage } = answer.body;
      const units = { requests: 1, input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens };
      const cost = costOf(units, pricesFromDto(PRICES));
      const call = await customer.call(requestIdOf(answer));
      const tookMs = [performance.now() - answeredAt];
      expect(call).toMatchObject({
        units,
        estimated: false,
        cost_nano_usd: String(cost),
        region: 'mv',
        key_id: customer.keyId,
        outcome: 'completed',
        status: 200,
        instance_id: instance.id,
        endpoint: '/v1/chat/completions',
      });
      expect(await customer.balance()).toBe(DOLLAR_NANO_USD - cost);
      expect(await transactionsOf(customer)).toMatchObject([
        {
          amount_nano_usd: String(-cost),
          balance_after_nano_usd: String(DOLLAR_NANO_USD - cost),
          instance_id: instance.id,
          description: expect.stringContaining(instance.model),
        },
      ]);
      const { body } = await customer.manage('GET', '/billing');
      expect(body).toMatchObject({
        month_cost_nano_usd: String(cost),
        month_calls: 1,
        month_tokens: usage.total_tokens,
        held_nano_usd: '0',
      });
      await expectBalancedLedger();
      while (tookMs.length < TRIES && !tookMs.some((ms) => ms <= POSTED_WITHIN_MS)) {
        const next = requestIdOf(await customer.chat(instance.model));
        const nextAt = performance.now();
        await customer.call(next);
        tookMs.push(performance.now() - nextAt);
      }
      expect(Math.min(...tookMs)).toBeLessThanOrEqual(POSTED_WITHIN_MS);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([false, true])(
    'leaves an explicit zero zero, and makes no ledger row of nothing (stream: %s)',
    async (stream) => {
      const [customer, instance] = await customerWithInstance({
        input_nano_usd_per_1m_tokens: '50000000',
        output_nano_usd_per_1m_tokens: '80000000',
      });
      await pod.setFault({ kind: 'zero-usage' });
      const answer = await customer.chat(instance.model, { stream });
      expect(answer.status).toBe(200);
      expect(await customer.call(requestIdOf(answer))).toMatchObject({
        estimated: false,
        cost_nano_usd: '0',
        units: { requests: 1, input_tokens: 0, output_tokens: 0 },
      });
      expect(await transactionsOf(customer)).toEqual([]);
      expect(await customer.balance()).toBe(DOLLAR_NANO_USD);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is counted, and marked as estimated, where the pod reports nothing',
    async () => {
      const [customer, instance] = await customerWithInstance();
      await pod.setFault({ kind: 'omit-usage' });
      const answer = await customer.chat(instance.model);
      const { content } = answer.body.choices[0].message;
      const call = await customer.call(requestIdOf(answer));
      expect(call).toMatchObject({
        estimated: true,
        units: { requests: 1, output_tokens: Math.ceil(Buffer.byteLength(content) / 4) },
      });
      expect(call.units.input_tokens).toBeGreaterThan(0);
      expect(call.cost_nano_usd).toBe(String(costOf(call.units, pricesFromDto(PRICES))));
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ["a pod's 500", { kind: 'status', status: 500 }],
    ["a pod's 422", { kind: 'status', status: 422 }],
    ['a lost connection', { kind: 'close-before-headers', reset: true }],
    ['half an answer', { kind: 'cut-after-tokens', tokens: 3, reset: true }],
  ] as const)(
    'costs nothing when it fails before any output: %s',
    async (_what, fault) => {
      const [customer, instance] = await customerWithInstance();
      await pod.setFault(fault);
      const answer = await customer.chat(instance.model);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await customer.call(requestIdOf(answer))).toMatchObject({ cost_nano_usd: '0', status: answer.status });
      expect(await transactionsOf(customer)).toEqual([]);
      expect(await customer.balance()).toBe(DOLLAR_NANO_USD);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is not recorded at all when it was refused',
    async () => {
      const [customer, instance] = await customerWithInstance();
      const refused = expectRefusal(await customer.chat(`wrong:${instance.id}`), 'model_not_found', 'model');
      await customer.call(requestIdOf(await customer.chat(instance.model)));
      expect((await customer.manage('GET', `/billing/calls?request_id=${requestIdOf(refused)}`)).body.data).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is priced by the version that was in force when it began, and a new price counts at the latest 1 s later',
    async () => {
      const [customer, instance] = await customerWithInstance({ nano_usd_per_request: '1000' });
      const before = await customer.chat(instance.model);
      await mustSucceed(product.admin('PATCH', `/instances/${instance.id}`, { prices: { nano_usd_per_request: '7000' } }));
      const changedAt = Date.now();
      await waitFor(() => Date.now() - changedAt >= POSTED_WITHIN_MS, PATIENCE);
      const after = await customer.chat(instance.model);
      expect((await customer.call(requestIdOf(before))).cost_nano_usd).toBe('1000');
      expect((await customer.call(requestIdOf(after))).cost_nano_usd).toBe('7000');
      expect(await customer.balance()).toBe(DOLLAR_NANO_USD - 8_000n);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of a platform model and of an embedding are billed, too',
    async () => {
      const customer = await newCustomer(product);
      const answer = await customer.chat('meta-llama/Llama-3.1-8B-Instruct', { max_tokens: 3 });
      const call = await customer.call(requestIdOf(answer));
      expect(call).toMatchObject({
        platform_model_id: 'meta-llama/Llama-3.1-8B-Instruct',
        instance_id: null,
        units: { output_tokens: 3 },
      });
      expect(BigInt(call.cost_nano_usd)).toBe(
        (BigInt(call.units.input_tokens) * 50_000_000n + 3n * 80_000_000n + 999_999n) / 1_000_000n,
      );
      const demo = product.credentials.models.find((model) => model.includes('embed'));
      const embedding = await product.request('/v1/embeddings', { body: { model: demo, input: 'hello world' } });
      expect(embedding.body.data[0].embedding.length).toBeGreaterThan(0);
      const { body } = await waitFor(
        async () => {
          const found = await mustSucceed(product.management('GET', `/billing/calls?request_id=${requestIdOf(embedding)}`));
          return found.body.data.length > 0 ? found : undefined;
        },
        { ...PATIENCE, what: 'the embedding to be billed' },
      );
      expect(body.data[0]).toMatchObject({
        estimated: false,
        units: { input_tokens: embedding.body.usage.prompt_tokens, output_tokens: 0 },
      });
    },
    TEST_TIMEOUT_MS,
  );
});

describe('many calls', () => {
  it(
    'are each in the ledger once, and the balance is what the events replayed from the beginning say',
    async () => {
      const [customer, instance] = await customerWithInstance();
      const calls = Array.from({ length: 60 }, (_, index) =>
        customer.chat(instance.model, { stream: index % 3 === 0, max_tokens: 1 + (index % 7) }),
      );
      const answers = await Promise.all(calls);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      await customer.credit(-12_345n);
      await waitFor(async () => (await transactionsOf(customer)).length === 60, {
        ...PATIENCE,
        what: '60 calls to be posted',
      });
      const balance = await customer.balance();

      const usage: UsageRecorded[] = (await eventsOf('ecolink.usage.recorded.v1', customer.accountId)).map(({ data }) => data);
      expect(new Set(usage.map(({ request_id: id }) => id))).toEqual(new Set(answers.map(requestIdOf)));
      expect(usage).toHaveLength(60);
      const recomputed = usage.reduce(
        (sum, event) => sum + (event.billable ? costOf(event.units, pricesFromDto(PRICES)) : 0n),
        0n,
      );
      expect(DOLLAR_NANO_USD - 12_345n - recomputed).toBe(balance);

      const posted = (await eventsOf('ecolink.ledger.posted.v1', customer.accountId)).map(({ data }) => data);
      expect(posted).toHaveLength(62);
      let folded = 0n;
      for (const { amount_nano_usd: amount, balance_after_nano_usd: balanceAfter, entries } of posted) {
        folded += BigInt(amount);
        expect(BigInt(balanceAfter)).toBe(folded);
        expect(entries.reduce((sum: bigint, entry: { amount_nano_usd: string }) => sum + BigInt(entry.amount_nano_usd), 0n)).toBe(
          0n,
        );
      }
      expect(folded).toBe(balance);
      expect(new Set(posted.filter(({ type }) => type === 'api_usage').map(({ cause }) => cause.id)).size).toBe(60);
      await expectBalancedLedger();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'are in the reports by day, model, key, source tag and region, as JSON and as CSV',
    async () => {
      await clearOfMidnight();
      const [customer, instance] = await customerWithInstance({ nano_usd_per_request: '5' });
      const tagged = await customer.createKey({ source_tag: 'ci' });
      await waitFor(async () => (await product.request('/v1/models', { key: tagged.key })).status === 200, PATIENCE);
      await customer.chat(instance.model);
      const ofTagged = await product.request('/v1/chat/completions', {
        key: tagged.key,
        body: { model: instance.model, messages: [{ role: 'user', content: 'a' }] },
      });
      expect(ofTagged.status).toBe(200);
      const { body } = await waitFor(
        async () => {
          const report = await mustSucceed(customer.manage('GET', '/billing/usage?group_by=model,source_tag,region'));
          return report.body.data.length === 2 ? report : undefined;
        },
        { ...PATIENCE, what: 'both calls in the report' },
      );
      for (const source of [null, 'ci']) {
        expect(body.data).toContainEqual(
          expect.objectContaining({ model: instance.model, source_tag: source, region: 'mv', calls: 1, cost_nano_usd: '5' }),
        );
      }
      const csv = await customer.manage('GET', '/billing/transactions?format=csv');
      expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
      expect(csv.text.trim().split(/\r?\n/)).toHaveLength(1 + 3);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'are free on an own instance without a price, and need a balance all the same',
    async () => {
      const [customer, instance] = await customerWithInstance({});
      await customer.call(requestIdOf(await customer.chat(instance.model)));
      expect(await customer.balance()).toBe(DOLLAR_NANO_USD);
      await customer.credit(-DOLLAR_NANO_USD);
      await waitFor(async () => (await customer.chat(instance.model)).status === 402, {
        ...PATIENCE,
        what: 'the empty balance to count',
      });
    },
    TEST_TIMEOUT_MS,
  );
});

describe('an operator', () => {
  it(
    'credits once, however often the same request is repeated',
    async () => {
      const customer = await newCustomer(product, { creditNanoUsd: 0n });
      const { admin_url: url, admin_token: token } = product.credentials;
      const post = (amount: string) =>
        fetch(`${url}/admin/v1/accounts/${customer.accountId}/credits`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'idempotency-key': `e2e-${customer.accountId}`,
          },
          body: JSON.stringify({ amount_nano_usd: amount, type: 'contract_grant', reason: 'once' }),
        });
      const answers = await Promise.all([post('5'), post('5'), post('5')]);
      // One that comes while the first is still at work may be told so; the money moves once.
      for (const { status } of answers) expect([201, 409]).toContain(status);
      const created = answers.filter(({ status }) => status === 201);
      expect(created.length).toBeGreaterThanOrEqual(1);
      const bodies = await Promise.all(
        [...created, await post('5')].map((response) => response.json() as Promise<Answer['body']>),
      );
      expect(new Set(bodies.map(({ id }) => id)).size).toBe(1);
      expect((await post('6')).status).toBe(409);
      expect(await customer.balance()).toBe(5n);
      expect((await product.admin('GET', `/ledger/transactions?account_id=${customer.accountId}`)).body.data).toHaveLength(1);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is named in the audit log for every call',
    async () => {
      await product.admin('GET', '/plans/e2e-billing');
      const { body } = await product.admin('GET', '/audit-log?limit=5');
      expect(body.data).toContainEqual(
        expect.objectContaining({ method: 'GET', path: expect.stringContaining('/admin/v1/plans/e2e-billing') }),
      );
    },
    TEST_TIMEOUT_MS,
  );
});
