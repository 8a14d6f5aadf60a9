import type { ServerResponse } from 'node:http';
import { waitFor } from '@ecolink/testing';
import { type Answer, answerOk, type GatewayAnswer, RouterFixture, type StubGateway } from './support/router-fixture.js';

let fixture: RouterFixture;
let gateway: StubGateway;
let nextInstanceId = 0;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  gateway = await fixture.addRegion('mv');
});

beforeEach(() => (gateway.answer = answerOk));

afterAll(() => fixture.close());

interface Plan {
  readonly requests_per_minute?: number;
  readonly tokens_per_minute?: number | null;
  readonly concurrent_requests?: number | null;
}

/** An account of its own with this plan, and how it calls. */
function caller(plan: Plan, balance = '1000000000') {
  const accountId = `acc_${(nextInstanceId += 1)}`;
  const key = fixture.plane.addCaller(accountId);
  const limits = { name: 'small', requests_per_minute: 100, tokens_per_minute: null, concurrent_requests: null, ...plan };
  const state = { account_id: accountId, status: 'active' as const, held_nano_usd: '0', posted_positions: {} };
  fixture.plane.put('accounts', { ...state, plan: limits, balance_nano_usd: balance });
  const model = fixture.addInstance(nextInstanceId, ['mv'], { account_id: accountId });
  const body = (fields: object = {}): string => JSON.stringify({ model, messages: [], max_tokens: 10, ...fields });
  return {
    key,
    model,
    call: (fields?: object): Promise<Answer> => fixture.call('/v1/chat/completions', { key, body: body(fields) }),
    begin: () => fixture.begin('/v1/chat/completions', { key, body: body({ stream: true }) }),
  };
}

const codeOf = ({ text }: Answer): string => JSON.parse(text).error.code;

describe('calls at once', () => {
  it('are as many as the plan says; a slot is free when its connection is', async () => {
    const { call, begin } = caller({ concurrent_requests: 2 });
    const open: GatewayAnswer = (response: ServerResponse) => {
      response.on('error', () => undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');
    };
    gateway.answer = open;
    const [first] = [await begin(), await begin()];
    const refused = await call();
    expect([refused.status, codeOf(refused), refused.headers['retry-after']]).toEqual([429, 'rate_limit_exceeded', '1']);
    gateway.answer = answerOk;
    first.on('error', () => undefined);
    first.destroy();
    await waitFor(async () => ((await call()).status === 200 ? true : undefined), { timeoutMs: 45_000, what: 'a free slot' });
  });

  it('count as a request when they are refused, and take nothing else', async () => {
    const { call, begin } = caller({ concurrent_requests: 1, requests_per_minute: 5 });
    gateway.answer = (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');
    const held = await begin();
    expect((await call()).headers['x-ratelimit-remaining-requests']).toBe('3');
    expect((await call()).headers['x-ratelimit-remaining-requests']).toBe('2');
    held.on('error', () => undefined);
    held.destroy();
  });
});

describe('tokens of a minute', () => {
  it('are those that the plan says, told with every answer that used some', async () => {
    const { call } = caller({ tokens_per_minute: 200 });
    gateway.answer = (response) => {
      const answer = JSON.stringify({ choices: [], usage: { prompt_tokens: 140, completion_tokens: 60 } });
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    };
    const served = await call();
    expect([served.status, served.headers['x-ratelimit-limit-tokens']]).toEqual([200, '200']);
    const refused = await call();
    expect([refused.status, codeOf(refused), refused.headers['x-ratelimit-remaining-tokens']]).toEqual([
      429,
      'rate_limit_exceeded',
      '0',
    ]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
    expect(refused.headers['x-ratelimit-reset-tokens']).toBe(`${refused.headers['retry-after']}s`);
  });

  it('are not told where the plan has no such limit', async () => {
    expect((await caller({}).call()).headers['x-ratelimit-limit-tokens']).toBeUndefined();
  });
});

describe('the order of refusals', () => {
  it('asks for the balance before the tokens, and for the tokens before a pod', async () => {
    const poor = caller({ tokens_per_minute: 1 }, '0');
    expect(codeOf(await poor.call())).toBe('insufficient_balance');
    const busy = caller({ tokens_per_minute: 1 });
    await busy.call();
    fixture.plane.put('health', { instance_id: Number(busy.model.split(':')[1]), pods: [] });
    await waitFor(async () => ((await busy.call()).status === 429 ? true : undefined), { timeoutMs: 45_000, what: '429' });
  });

  it('tells what is wrong with a body before the balance, but reads no long one of an account without money', async () => {
    const { key, model } = caller({}, '0');
    const post = (body: string): Promise<Answer> => fixture.call('/v1/chat/completions', { key, body });
    expect(codeOf(await post('{'))).toBe('invalid_request');
    expect(codeOf(await post(JSON.stringify({ model: 'nobody:999999', messages: [] })))).toBe('model_not_found');
    const long = await post(JSON.stringify({ model, messages: [{ content: 'x'.repeat(1_048_577) }] }));
    expect([long.status, codeOf(long)]).toEqual([402, 'insufficient_balance']);
  });

  it('does not wait for a long body that is announced by an account without money', async () => {
    const { key } = caller({}, '0');
    const headers = { 'content-length': String(60 * 1_048_576) };
    const controller = new AbortController();
    const response = await new Promise<number>((resolve, reject) => {
      void fixture
        .begin('/v1/chat/completions', { key, headers, method: 'POST', body: '{"model":' }, { signal: controller.signal })
        .then((answer) => resolve(answer.statusCode ?? 0), reject);
    });
    expect(response).toBe(402);
    controller.abort();
  });
});
