import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { BudgetState } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { type Answer, answerOk, RouterFixture, type StubGateway } from './support/router-fixture.js';

const REQUEST_NANO_USD = 100;
const OUTPUT_NANO_USD = 10;

let fixture: RouterFixture;
let gateway: StubGateway;
let accounts = 0;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  gateway = await fixture.addRegion('mv');
});
beforeEach(() => {
  gateway.answer = answerOk;
});
afterAll(() => fixture.close());

const DAY = { window_started_at: '2000-01-01T00:00:00.000Z', window_ends_at: '2100-01-01T00:00:00.000Z' };

/** A rich account with an instance, its price, and the budgets that billing tells of. */
function customer(budgets: readonly Partial<BudgetState>[], prices: object = { nano_usd_per_request: String(REQUEST_NANO_USD) }) {
  accounts += 1;
  const id = `acc_budget_${accounts}`;
  const key = fixture.plane.addCaller(id);
  const model = fixture.addInstance(500 + accounts, ['mv'], { account_id: id, custom_api_path: '/generate' });
  fixture.plane.put('prices', { target: `instance:${500 + accounts}`, prices, effective_from: '2026-01-01T00:00:00.000Z' });
  const tell = (told: readonly Partial<BudgetState>[], positions: Record<string, number> = {}) =>
    fixture.plane.put('accounts', {
      ...{ account_id: id, status: 'active', held_nano_usd: '0', posted_positions: positions },
      plan: { name: 'test', requests_per_minute: 100_000, tokens_per_minute: null, concurrent_requests: null },
      balance_nano_usd: '1000000000000',
      budgets: told.map((budget, index) => ({
        ...{ budget_id: `bdg_${accounts}_${index}`, scope: { kind: 'account', id: null }, period: 'day', ...DAY },
        ...{ limit_nano_usd: '250', raised_nano_usd: '0', spent_nano_usd: '0', ...budget },
      })),
    });
  tell(budgets);
  const call = (body: object = {}) =>
    fixture.call('/v1/chat/completions', { key, body: JSON.stringify({ model, messages: [], ...body }) });
  return { id, key, model, tell, call, instance: 500 + accounts };
}

function expectReached(answer: Answer): void {
  expect([answer.status, answer.headers['content-type']]).toEqual([402, expect.stringContaining('application/json')]);
  expect(JSON.parse(answer.text).error).toMatchObject({ code: 'budget_reached', type: 'billing_error', param: null });
}

describe('a budget that is reached', () => {
  it('refuses every priced call with 402, on /v1 and on the proxy, before billing has posted a thing', async () => {
    const { call, key, instance } = customer([{}]);
    const statuses = [(await call()).status, (await call()).status, (await call()).status];
    expect(statuses).toEqual([200, 200, 200]);
    const refused = await call();
    expectReached(refused);
    expect(JSON.parse(refused.text).error.message).toContain('opens again at 2100-01-01T00:00:00.000Z');
    expectReached(await fixture.call(`/inference-instances/${instance}/proxy/generate`, { key, body: '{}' }));
  });

  it('opens as soon as it is raised, changed or deleted', async () => {
    const { call, tell } = customer([{ spent_nano_usd: '250' }]);
    for (const told of [
      [{ spent_nano_usd: '250', raised_nano_usd: '50' }],
      [{ spent_nano_usd: '250', limit_nano_usd: '9999' }],
      [],
    ]) {
      tell([{ spent_nano_usd: '250' }]);
      await waitFor(async () => ((await call()).status === 402 ? true : undefined), { timeoutMs: 20_000, what: '402' });
      tell(told);
      await waitFor(async () => ((await call()).status === 200 ? true : undefined), { timeoutMs: 20_000, what: '200' });
    }
  });

  it('of a key or a user refuses the calls of no other', async () => {
    const other = customer([{ scope: { kind: 'key', id: 'key_of_somebody' }, spent_nano_usd: '250' }]);
    expect((await other.call()).status).toBe(200);
    const own = customer([{ scope: { kind: 'key', id: `key_acc_budget_${accounts + 1}` }, spent_nano_usd: '250' }]);
    expectReached(await own.call());
  });

  it('lets calls pass that can cost nothing', async () => {
    const { call } = customer([{ limit_nano_usd: '0' }], {});
    expect((await call()).status).toBe(200);
  });

  it('comes after what is wrong with a call, and after the balance', async () => {
    const { key, call, id } = customer([{ limit_nano_usd: '0' }]);
    const unknown = await fixture.call('/v1/chat/completions', { key, body: '{"model":"nobody:999999","messages":[]}' });
    expect(unknown.status).toBe(404);
    expectReached(await call());
    fixture.plane.put('accounts', {
      ...{ account_id: id, status: 'active', held_nano_usd: '0', posted_positions: {}, balance_nano_usd: '0' },
      plan: { name: 'test', requests_per_minute: 100_000, tokens_per_minute: null, concurrent_requests: null },
    });
    const poor = async () => JSON.parse((await call()).text).error?.code === 'insufficient_balance';
    await waitFor(poor, { timeoutMs: 20_000, what: 'the balance to be what is told' });
  });
});

describe('a stream without a limit', () => {
  it('that its budget does not cover ends with an error frame; the oldest goes on', async () => {
    const output = { output_nano_usd_per_1m_tokens: String(OUTPUT_NANO_USD * 1_000_000) };
    const { key, model } = customer([{ limit_nano_usd: '30000' }], output);
    const frame = `data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(100)}"}}]}\n\n`;
    const pods: ServerResponse[] = [];
    gateway.answer = (response) => {
      pods.push(response);
      response.on('error', () => undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(frame);
    };
    const body = JSON.stringify({ model, stream: true, messages: [] });
    const oldest = await fixture.begin('/v1/chat/completions', { key, body });
    const younger = await fixture.begin('/v1/chat/completions', { key, body });
    expectReached(await fixture.call('/v1/chat/completions', { key, body }));
    for (let count = 0; count < 40; count += 1) for (const pod of pods) pod.write(frame);
    const text = (await buffer(younger)).toString();
    expect(JSON.parse(text.trimEnd().split('\n\n').at(-1)?.slice('data: '.length) ?? '').error.code).toBe('budget_reached');
    expect(text).not.toContain('[DONE]');
    pods[0]?.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    expect((await buffer(oldest)).toString()).toContain('[DONE]');
  });
});
