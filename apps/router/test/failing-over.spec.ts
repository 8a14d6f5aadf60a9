import { waitFor } from '@ecolink/testing';
import {
  answerNeverSent,
  answerOk,
  answerStatus,
  breakOff,
  type GatewayAnswer,
  RouterFixture,
  type StubGateway,
} from './support/router-fixture.js';

let fixture: RouterFixture;
let mv: StubGateway;
let ga: StubGateway;
let nextInstanceId = 100;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  [mv, ga] = [await fixture.addRegion('mv'), await fixture.addRegion('ga')];
});

beforeEach(() => {
  for (const gateway of [mv, ga]) {
    gateway.answer = answerOk;
    gateway.seen.length = 0;
  }
});

afterAll(() => fixture.close());

function newInstance(regions: readonly string[] = ['mv', 'ga']): string {
  return fixture.addInstance((nextInstanceId += 1), regions);
}

const answerKeyRefused: GatewayAnswer = (response) =>
  response
    .writeHead(401, { 'content-type': 'application/json', 'x-ecolink-key-refused': 'yes', 'x-ecolink-pod': 'pod_k' })
    .end('{"error":{"code":"invalid_api_key"}}');

async function statuses(model: string, calls: number): Promise<number[]> {
  const seen: number[] = [];
  for (let call = 0; call < calls; call += 1) seen.push((await fixture.chat(model)).status);
  return seen;
}

describe('a region whose calls fail', () => {
  it.each([
    ['never get through', answerNeverSent],
    ['are lost', breakOff],
    ['are answered 503, and well elsewhere', answerStatus(503)],
  ])('is left out after two calls in a row that %s, and every call is answered', async (_how, answer) => {
    const model = newInstance();
    mv.answer = answer;
    expect(new Set(await statuses(model, 20))).toEqual(new Set([200]));
    expect(mv.seen).toHaveLength(2);
    expect(ga.seen).toHaveLength(20);
  });

  it('is left out after two calls in a row whose pods refused the key that EcoLink gave them', async () => {
    const model = newInstance();
    mv.answer = answerKeyRefused;
    expect(new Set(await statuses(model, 20))).toEqual(new Set([200]));
    expect(mv.seen).toHaveLength(2);
  });

  it('is left out for its instance only', async () => {
    const [ill, well] = [newInstance(), newInstance()];
    mv.answer = answerNeverSent;
    await statuses(ill, 4);
    mv.answer = answerOk;
    mv.seen.length = 0;
    await statuses(well, 10);
    expect(mv.seen).toHaveLength(5);
    await statuses(ill, 10);
    expect(mv.seen).toHaveLength(5);
  });

  it('is never left out for a poisonous request, which every pod fails', async () => {
    const model = newInstance();
    for (const answer of [answerStatus(500), breakOff]) {
      mv.answer = ga.answer = answer;
      await statuses(model, 4);
    }
    mv.answer = ga.answer = answerOk;
    mv.seen.length = ga.seen.length = 0;
    await statuses(model, 20);
    expect([mv.seen.length, ga.seen.length]).toEqual([10, 10]);
  });

  it.each([400, 401, 404, 422, 429])('is never left out for answers of %i', async (status) => {
    const model = newInstance();
    mv.answer = answerStatus(status);
    const seen = await statuses(model, 20);
    expect([mv.seen.length, ga.seen.length]).toEqual([10, 10]);
    expect(seen.filter((one) => one === status)).toHaveLength(10);
  });

  it('is never left out when it is the last one', async () => {
    const model = newInstance(['mv']);
    mv.answer = answerNeverSent;
    expect(new Set(await statuses(model, 10))).toEqual(new Set([503]));
    expect(mv.seen).toHaveLength(10);
    mv.answer = answerOk;
    expect((await fixture.chat(model)).status).toBe(200);
  });

  it('still gets a call that every other region failed', async () => {
    const model = newInstance();
    mv.answer = answerNeverSent;
    await statuses(model, 4);
    [mv.answer, ga.answer] = [answerOk, answerNeverSent];
    expect((await fixture.chat(model)).status).toBe(200);
  });

  it('is not left out for clients that leave', async () => {
    const model = newInstance();
    mv.answer = ga.answer = () => undefined;
    for (let call = 0; call < 6; call += 1) {
      const before = mv.seen.length + ga.seen.length;
      const left = new AbortController();
      const leaving = fixture
        .begin('/v1/chat/completions', { body: JSON.stringify({ model, messages: [] }) }, { signal: left.signal })
        .catch(() => undefined);
      while (mv.seen.length + ga.seen.length === before) await new Promise((resolve) => setImmediate(resolve));
      left.abort();
      await leaving;
    }
    mv.answer = ga.answer = answerOk;
    mv.seen.length = ga.seen.length = 0;
    await statuses(model, 20);
    expect([mv.seen.length, ga.seen.length]).toEqual([10, 10]);
  });
});

describe('the retry budget', () => {
  it('ends retries of answers when all pods fail, so that a failing fleet does not get its load twice', async () => {
    const model = newInstance();
    mv.answer = ga.answer = answerStatus(500);
    const calls = 200;
    expect(new Set(await statuses(model, calls))).toEqual(new Set([500]));
    const retries = mv.seen.length + ga.seen.length - calls;
    expect(retries).toBeGreaterThanOrEqual(10);
    // A tenth of the calls, the ten to begin with, and one for each second that this took.
    expect(retries).toBeLessThanOrEqual(45);
  });

  it.each([
    ['never reached a pod', answerNeverSent],
    ['were lost before their answer', breakOff],
  ])('does not hold back calls that %s', async (_how, answer) => {
    const model = newInstance(['mv', 'ga']);
    for (let round = 0; round < 30; round += 1) {
      [mv.answer, ga.answer] = round % 2 === 0 ? [answer, answerOk] : [answerOk, answer];
      expect(new Set(await statuses(model, 4))).toEqual(new Set([200]));
    }
    expect(mv.seen.length + ga.seen.length).toBeGreaterThan(120 + 30);
  });
});

describe('a client that leaves while a pod’s error is kept for later', () => {
  it('leaves no reservation behind: what it did not use is there for the next call', async () => {
    const key = fixture.plane.addCaller('acc_small');
    const plan = { name: 'test', requests_per_minute: 1_000, tokens_per_minute: null, concurrent_requests: null };
    const account = { account_id: 'acc_small', status: 'active' as const, plan, held_nano_usd: '0', posted_positions: {} };
    fixture.plane.put('accounts', { ...account, balance_nano_usd: '2' });
    const model = fixture.addInstance((nextInstanceId += 1), ['mv', 'ga'], { account_id: 'acc_small' });
    const prices = { nano_usd_per_request: '1' };
    fixture.plane.put('prices', { target: `instance:${nextInstanceId}`, prices, effective_from: new Date(0).toISOString() });
    let asked = 0;
    const stuck: GatewayAnswer = (response) => {
      asked += 1;
      response.writeHead(503, { 'content-type': 'application/json' });
      response.write('{"half');
    };
    [mv.answer, ga.answer] = [stuck, stuck];
    const body = JSON.stringify({ model, messages: [] });
    const leaving = new AbortController();
    const left = fetch(`http://127.0.0.1:${fixture.port}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body,
      signal: leaving.signal,
    }).catch(() => undefined);
    await waitFor(() => asked > 0, { timeoutMs: 45_000, what: 'the call at the pod' });
    leaving.abort();
    await left;
    [mv.answer, ga.answer] = [answerOk, answerOk];
    const call = () => fixture.call('/v1/chat/completions', { key, body });
    await waitFor(async () => (await call()).status === 200, { timeoutMs: 45_000, what: 'the next call to be admitted' });
  });
});

describe('a pod that refuses its key', () => {
  it("is never taken for the caller's own: where no other pod answers, the call is 502 and says whose refusal it is", async () => {
    const model = newInstance();
    mv.answer = ga.answer = answerKeyRefused;
    const answer = await fixture.chat(model);
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.text).error).toMatchObject({
      code: 'upstream_error',
      message: 'the model server refused the key that it was given (401)',
    });
    expect(answer.headers['x-should-retry']).toBe('false');
  });

  it("leaves a pod's own 403 of another kind to the caller", async () => {
    const model = newInstance();
    mv.answer = ga.answer = answerStatus(403);
    expect((await fixture.chat(model)).status).toBe(403);
  });
});
