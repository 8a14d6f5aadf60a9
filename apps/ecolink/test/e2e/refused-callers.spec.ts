import { setTimeout as delay } from 'node:timers/promises';
import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import {
  type Answer,
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
import { readUntil } from './support/read-stream.js';

let opened: OpenProduct;
let product: ProductClient;
let customer: Customer;
const pods: ModelSimulator[] = [];
let pod: ModelSimulator;
let instance: LaunchedInstance;

const SETUP_TIMEOUT_MS = 240_000;
/** What every change of keys, credits, plans and accounts is promised to take at the most. */
const PUSHED_WITHIN_MS = 1_000;
/** For that and for what else comes soon on a machine that has nothing else to do. */
const PATIENCE = { timeoutMs: 45_000, intervalMs: 20 };
/** What each change took. A machine that is busy for a moment has its say in some of them, not in most. */
const pushesMs: number[] = [];
/** By then several routers have heard of each other's calls. */
const SYNCHRONISED_MS = 500;
const PLATFORM_MODEL = 'meta-llama/Llama-3.1-8B-Instruct';
const UNPRICED_MODEL = 'mistralai/Mistral-7B-Instruct-v0.3';
const OWNER_OR_KEY = "API key invalid or doesn't own the instance";

/** Each account has servers of its own. */
async function startPod(): Promise<ModelSimulator> {
  const started = await startModelSimulator({ ...podAddress(), model: 'mine', ttftMs: 1, tokensPerSecond: 0 });
  pods.push(started);
  return started;
}

beforeAll(async () => {
  opened = await openProduct();
  ({ product } = opened);
  pod = await startPod();
  customer = await newCustomer(product);
  instance = await customer.launchAndWait([{ region: 'mv', url: pod.url }], { servedModelName: 'mine' });
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  await Promise.all(pods.map((started) => started.close()));
  await opened?.close();
}, SETUP_TIMEOUT_MS);

/** Waits until a change that was just made counts at every router, and notes how long that took. */
async function pushed(what: string, probe: () => Promise<boolean>): Promise<void> {
  const changedAtMs = performance.now();
  await product.everywhere(probe, { ...PATIENCE, what });
  pushesMs.push(performance.now() - changedAtMs);
}

/** Every kind of call that takes a key. */
const CALLS: [string, (options: { key?: string | undefined; headers?: Record<string, string> }) => Promise<Answer>][] = [
  [
    'POST /v1/chat/completions',
    (options) => product.request('/v1/chat/completions', { body: { model: instance.model, messages: [] }, ...options }),
  ],
  [
    'POST /v1/completions',
    (options) => product.request('/v1/completions', { body: { model: instance.model, prompt: '' }, ...options }),
  ],
  [
    'POST /v1/embeddings',
    (options) => product.request('/v1/embeddings', { body: { model: instance.model, input: '' }, ...options }),
  ],
  ['GET /v1/models', (options) => product.request('/v1/models', options)],
  ['GET /v1/models/{id}', (options) => product.request(`/v1/models/${instance.model}`, options)],
  ['the proxy', (options) => product.request(`/inference-instances/${instance.id}/proxy/generate`, options)],
];

describe.each(CALLS)('401 and 403 on %s', (_name, call) => {
  it('refuses a missing key', async () => {
    const { body } = expectRefusal(await call({ key: undefined }), 'invalid_api_key', null);
    expect(body.error.message).toContain('no API key was sent');
  });

  it.each([
    'Basic ZWNvOmVjbw==',
    'Bearer',
    'Bearer ',
    'Bearer sk-1234',
    'Bearer eco_',
    'Bearer eco_x y',
    `Bearer eco_${'a'.repeat(5_000)}`,
    'eco_naked',
  ])('refuses a malformed key: %.40s', async (authorization) => {
    expectRefusal(await call({ key: undefined, headers: { authorization } }), 'invalid_api_key', null);
  });

  it('refuses an unknown key, and a known one with another case or a longer end', async () => {
    const last = customer.key.at(-1) === 'a' ? 'b' : 'a';
    for (const key of [`${customer.key.slice(0, -1)}${last}`, `${customer.key}a`, customer.key.toUpperCase(), 'eco_unknown']) {
      expectRefusal(await call({ key }), 'invalid_api_key', null);
    }
  });

  it('refuses a key without the scope for calls', async () => {
    expectRefusal(await call({ key: customer.managementKey }), 'scope_missing', null);
  });
});

describe('401', () => {
  it('refuses a revoked key at the latest 1 s later, while its call in flight is served to the end', async () => {
    const slow = await startModelSimulator({ ...podAddress(), model: 'slow', ttftMs: 1, tokensPerSecond: 40 });
    const slowInstance = await customer.launchAndWait([{ region: 'mv', url: slow.url }], { servedModelName: 'slow' });
    const { id, key } = await customer.createKey();
    await pushed('every router to know a new key', async () => (await product.request('/v1/models', { key })).status === 200);
    const body = {
      model: slowInstance.model,
      stream: true,
      max_tokens: 240,
      ignore_eos: true,
      messages: [{ role: 'user', content: 'Hello' }],
    };
    const stream = await product.open('/v1/chat/completions', { key, body });
    const reader = stream.body?.getReader();
    if (reader === undefined) throw new Error('a stream without a body');
    await readUntil(reader, (text) => text.includes('data:'));
    await mustSucceed(customer.manage('DELETE', `/api-keys/${id}`));
    await pushed('a revoked key to be refused', async () => (await product.request('/v1/models', { key })).status === 401);
    const rest = await readUntil(reader, () => false);
    expect(rest).toMatch(/data: \[DONE\]\s*$/);
    await slow.close();
  });

  it('accepts a new key at the latest 1 s later, and refuses it when it has expired', async () => {
    const expiresAt = new Date(Date.now() + 6_000);
    const { key } = await customer.createKey({ expires_at: expiresAt.toISOString() });
    await pushed('a new key to be known', async () => (await product.request('/v1/models', { key })).status === 200);
    await product.everywhere(async () => (await product.request('/v1/models', { key })).status === 401, {
      ...PATIENCE,
      what: 'the key to expire',
    });
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt.getTime());
    expectRefusal(await product.request('/v1/models', { key }), 'invalid_api_key', null);
  });

  it('tells a stranger nothing about an instance: right or wrong name, kind, running or not', async () => {
    const stranger = await newCustomer(product);
    const custom = await customer.launch([{ region: 'mv', url: 'http://127.0.0.1:19' }], {
      launch: { openai_compatible: false, custom_api_path: 'generate' },
    });
    await waitFor(async () => (await customer.chat(custom.model)).status === 400, {
      ...PATIENCE,
      what: 'the router to know a new instance',
    });
    const before = pod.stats().requests;
    const answers = [
      await stranger.chat(instance.model),
      await stranger.chat(`wrong-name:${instance.id}`),
      await stranger.chat(custom.model),
      await stranger.request('/v1/completions', { body: { model: instance.model, prompt: 'a' } }),
      await stranger.request('/v1/embeddings', { body: { model: instance.model, input: 'a' } }),
      await stranger.request(`/inference-instances/${instance.id}/proxy/generate`),
      await stranger.request(`/inference-instances/${custom.id}/proxy/generate`),
      await stranger.request(`/inference-instances/${custom.id}/proxy/elsewhere`),
    ];
    for (const answer of answers) {
      expect(expectRefusal(answer, 'instance_not_owned', null).body.error.message).toBe(OWNER_OR_KEY);
      expect(answer.headers.get('x-ecolink-region')).toBeNull();
      expect(answer.headers.get('x-ecolink-instance')).toBeNull();
    }
    expect(pod.requests().filter(({ sequence, method }) => sequence > before && method === 'POST')).toEqual([]);
    expectRefusal(await stranger.request(`/v1/models/${instance.model}`), 'model_not_found');
    expect((await stranger.request('/v1/models')).text).not.toContain(instance.model);
  });

  it("refuses operators' calls with any other token", async () => {
    for (const key of [undefined, customer.key, customer.managementKey, 'ecoadmin_0']) {
      const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
      const response = await fetch(`${product.credentials.admin_url}/admin/v1/accounts`, { headers });
      expect(response.status).toBe(401);
    }
    // The public port does not know them at all.
    expect((await product.request('/admin/v1/accounts', { key: product.credentials.admin_token })).status).toBe(404);
  });
});

describe('402', () => {
  it('refuses calls at a balance of 0 and below, and lets the next one through at the latest 1 s after a credit', async () => {
    const poor = await newCustomer(product, { creditNanoUsd: 0n });
    const own = await poor.launchAndWait([{ region: 'mv', url: (await startPod()).url }], { servedModelName: 'mine' });
    const refusedCalls = [
      () => poor.chat(own.model),
      () => poor.chat(PLATFORM_MODEL),
      () => poor.request('/v1/completions', { body: { model: own.model, prompt: 'a' } }),
    ];
    for (const call of refusedCalls) expectRefusal(await call(), 'insufficient_balance', null);
    await poor.credit(-1n);
    for (const call of refusedCalls) expectRefusal(await call(), 'insufficient_balance', null);
    expect((await poor.request('/v1/models')).status).toBe(200);
    await poor.credit(DOLLAR_NANO_USD);
    await pushed('the credit to count', async () => (await poor.chat(own.model)).status === 200);
    await poor.credit(-2n * DOLLAR_NANO_USD);
    await pushed('the correction to count', async () => (await poor.chat(own.model)).status === 402);
  });

  it('lets no burst run past the balance by more than one call', async () => {
    // A call costs exactly 1,000 nano-USD; there is money for three.
    const burst = await newCustomer(product, { creditNanoUsd: 3_000n });
    const prices = { nano_usd_per_request: '1000' };
    const own = await burst.launchAndWait([{ region: 'mv', url: (await startPod()).url }], { servedModelName: 'mine', prices });
    const answers = await Promise.all(Array.from({ length: 20 }, () => burst.chat(own.model)));
    const served = answers.filter(({ status }) => status === 200).length;
    expect(served).toBeGreaterThanOrEqual(1);
    // More than the balance by less than one call for each router.
    expect(served).toBeLessThanOrEqual(3 + product.routers);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectRefusal(answer, 'insufficient_balance', null);
    await waitFor(async () => (await burst.balance()) === 3_000n - BigInt(served) * 1_000n, {
      ...{ ...PATIENCE, intervalMs: 250 },
      what: 'the balance to be posted',
    });
  });

  it('refuses a platform model without a price', async () => {
    expectRefusal(await customer.chat(UNPRICED_MODEL), 'model_not_priced', 'model');
  });

  it('refuses an instance that was terminated for want of credit, for ever', async () => {
    const own = await customer.launchAndWait([{ region: 'mv', url: pod.url }], { servedModelName: 'mine' });
    await mustSucceed(product.admin('POST', `/instances/${own.id}/terminate`, { reason: 'credit_depleted' }));
    await pushed('the termination to count', async () => (await customer.chat(own.model)).status === 402);
    expectRefusal(await customer.chat(own.model), 'instance_credit_depleted', null);
    await customer.credit(DOLLAR_NANO_USD);
    expectRefusal(await customer.chat(own.model), 'instance_credit_depleted', null);
    expect((await customer.manage('GET', `/instances/${own.id}`)).body.termination_reason).toBe('credit_depleted');
  });
});

describe('403', () => {
  it('refuses management with a key for calls only', async () => {
    for (const path of ['/instances', '/models', '/billing', '/api-keys', '/regions']) {
      expectRefusal(await product.management('GET', path, undefined, customer.key), 'scope_missing', null);
    }
  });

  it('refuses a suspended account at the latest 1 s later, on both APIs, and serves it again when it is active', async () => {
    const account = await newCustomer(product);
    await mustSucceed(product.admin('PATCH', `/accounts/${account.accountId}`, { status: 'suspended' }));
    await pushed('the suspension to count', async () => (await account.request('/v1/models')).status === 403);
    expectRefusal(await account.chat(PLATFORM_MODEL), 'account_suspended', null);
    expectRefusal(await account.chat('nobody:142'), 'account_suspended', null);
    expectRefusal(await account.request(`/inference-instances/${instance.id}/proxy/generate`), 'account_suspended', null);
    expectRefusal(
      await account.manage('POST', '/models', { name: 'm', category: 'chat', source: { kind: 'external' } }),
      'account_suspended',
      null,
    );
    await mustSucceed(product.admin('PATCH', `/accounts/${account.accountId}`, { status: 'active' }));
    await pushed('the account to be active', async () => (await account.request('/v1/models')).status === 200);
  });
});

describe('429', () => {
  it('refuses what is beyond the plan, with every header, and before it reads the body', async () => {
    // Several routers share a limit: less than one call each may be left of it until they have heard of each other again.
    const limit = 3 * product.routers;
    await mustSucceed(product.admin('PUT', '/plans/e2e-three', { requests_per_minute: limit }));
    const limited = await newCustomer(product, { plan: 'e2e-three' });
    const answers = [];
    for (let index = 0; index < limit; index += 1) answers.push(await limited.request('/v1/models'));
    const admitted = answers.filter(({ status }) => status === 200).length;
    expect(admitted).toBeGreaterThan(limit - product.routers);
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-limit'))).toEqual(answers.map(() => String(limit)));
    const remaining = answers.map(({ headers }) => Number(headers.get('x-ratelimit-remaining')));
    if (product.routers === 1) expect(remaining).toEqual([2, 1, 0]);
    expect(remaining[0]).toBe(limit - 1);
    await delay(SYNCHRONISED_MS);
    for (let left = admitted; left < limit + product.routers; left += 1) await limited.request('/v1/models');
    for (const answer of [
      await limited.chat(PLATFORM_MODEL),
      await limited.request('/v1/chat/completions', { body: 'no json' }),
    ]) {
      const { headers } = expectRefusal(answer, 'rate_limit_exceeded', null);
      expect(headers.get('x-ratelimit-remaining')).toBe('0');
      expect(headers.get('x-ratelimit-remaining-requests')).toBe('0');
      expect(Number(headers.get('x-ratelimit-reset'))).toBeGreaterThanOrEqual(1);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      // A slot is free again when its two seconds have left the minute.
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(62);
    }
    const second = await limited.createKey();
    await product.everywhere(async () => (await product.request('/v1/models', { key: second.key })).status !== 401, PATIENCE);
    expect((await product.request('/v1/models', { key: second.key })).status).toBe(200);
  });

  it('refuses with 401 rather than 429, and obeys a raised plan at the latest 1 s later', async () => {
    await mustSucceed(product.admin('PUT', '/plans/e2e-one', { requests_per_minute: 1 }));
    const limited = await newCustomer(product, { plan: 'e2e-one' });
    await limited.request('/v1/models');
    await pushed('the limit to be reached', async () => (await limited.request('/v1/models')).status === 429);
    expectRefusal(await limited.request('/v1/models'), 'rate_limit_exceeded', null);
    expect((await product.request('/v1/models', { key: `${limited.key}x` })).status).toBe(401);
    await mustSucceed(product.admin('PUT', '/plans/e2e-one', { requests_per_minute: 1_000 }));
    await pushed('the raised plan to count', async () => (await limited.request('/v1/models')).status === 200);
  });

  it('carries the limit on refusals of every later step', async () => {
    const { headers } = await customer.chat('unknown:999999');
    expect(Number(headers.get('x-ratelimit-limit'))).toBeGreaterThan(0);
    expect(headers.get('x-ratelimit-remaining')).not.toBeNull();
    expect(headers.get('x-ratelimit-reset')).not.toBeNull();
  });
});

describe('every change above', () => {
  it('counts at the latest 1 s later', () => {
    const took = pushesMs.toSorted((left, right) => left - right);
    expect(took.length).toBeGreaterThanOrEqual(10);
    expect(took[Math.floor(took.length / 2)]).toBeLessThanOrEqual(PUSHED_WITHIN_MS);
  });
});
