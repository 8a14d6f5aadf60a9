import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { waitFor } from '@ecolink/testing';
import { answerOk, INSTANCE, RouterFixture, type StubGateway } from './support/router-fixture.js';
import { RawSocket } from './support/raw-socket.js';

const MIB = 1_048_576;
const PLATFORM_INSTANCE = 70;
const SLOTS = 8;
const WAIT = { timeoutMs: 45_000 };

let fixture: RouterFixture;
let mv: StubGateway;

beforeAll(async () => {
  fixture = await RouterFixture.start({ callsPerPodMax: SLOTS, clientStallTimeoutMs: 600, callsPerAccountMax: 30 });
  mv = await fixture.addRegion('mv');
  const platform = { kind: 'platform' as const, account_id: null, platform_model_id: 'org/shared', model_name: 'shared' };
  fixture.addInstance(PLATFORM_INSTANCE, ['mv'], platform);
  fixture.plane.put('platformModels', {
    platform_model_id: 'org/shared',
    instance_id: PLATFORM_INSTANCE,
    display_name: 'Shared',
    category: 'chat',
    context_length: 8_192,
    status: 'active',
    created_at: INSTANCE.created_at,
  });
  fixture.plane.put('prices', {
    target: 'platform:org/shared',
    prices: { output_nano_usd_per_1m_tokens: '1000' },
    effective_from: new Date(0).toISOString(),
  });
});

beforeEach(() => {
  mv.answer = answerOk;
  mv.seen.length = 0;
});

afterAll(() => fixture.close());

function begin(key: string, model: string): Promise<IncomingMessage> {
  return fixture.begin('/v1/chat/completions', { key, body: JSON.stringify({ model, messages: [], max_tokens: 1 }) });
}

describe('a stream whose client reads nothing', () => {
  it('is cut, and its pod’s connection with it', async () => {
    const model = fixture.addInstance(1, ['mv']);
    let podGone = false;
    const frame = `data: ${JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(60_000) } }] })}\n\n`;
    mv.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.on('close', () => (podGone = true));
      const more = (): void => {
        while (!response.destroyed && response.write(frame));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    const socket = connect({ port: fixture.port, host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.pause();
    socket.on('error', () => undefined);
    const body = JSON.stringify({ model, messages: [], stream: true });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${fixture.key}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await waitFor(() => podGone, { ...WAIT, what: 'the pod’s connection to be closed' });
    socket.destroy();
  });
});

describe('a platform model', () => {
  it('gives one account half of its slots at the most, and a quarter while another waits', async () => {
    const [greedy, other] = [fixture.plane.addCaller('acc_greedy'), fixture.plane.addCaller('acc_modest')];
    const held: (() => void)[] = [];
    mv.answer = (response, seen, request) => void held.push(() => answerOk(response, seen, request));
    const calls = Array.from({ length: SLOTS / 2 }, () => begin(greedy, 'org/shared'));
    await waitFor(() => held.length === SLOTS / 2, { ...WAIT, what: 'the calls' });
    const refused = await begin(greedy, 'org/shared');
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '2']);
    refused.resume();
    const others = Array.from({ length: SLOTS / 2 }, () => begin(other, 'org/shared'));
    await waitFor(() => held.length === SLOTS, { ...WAIT, what: 'the other account’s calls' });
    for (const answer of held) answer();
    for (const response of await Promise.all([...calls, ...others])) {
      expect(response.statusCode).toBe(200);
      response.resume();
    }
  });
});

describe('an account', () => {
  it('has no more calls open than its part of the router’s connections', async () => {
    const key = fixture.plane.addCaller('acc_many');
    const model = fixture.addInstance(2, ['mv'], { account_id: 'acc_many' });
    let hung = 0;
    mv.answer = () => void (hung += 1);
    const open = Array.from({ length: 30 }, () => begin(key, model).catch(() => undefined));
    await waitFor(() => hung === 30, { ...WAIT, what: 'the calls' });
    const refused = await begin(key, model);
    expect(refused.statusCode).toBe(429);
    refused.resume();
    mv.server.closeAllConnections();
    for (const response of await Promise.all(open)) response?.resume();
  });

  it('that nothing can be served to is told so before a body of more than 1 MiB is read, and a short one is read', async () => {
    const key = fixture.plane.addCaller('acc_empty');
    fixture.plane.put('accounts', {
      account_id: 'acc_empty',
      status: 'active',
      plan: { name: 'test', requests_per_minute: 10_000, tokens_per_minute: null, concurrent_requests: null },
      balance_nano_usd: '0',
      held_nano_usd: '0',
      posted_positions: {},
    } as never);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n`;
    for (const framing of [
      `Content-Length: ${MIB + 1}\r\n\r\n{`,
      `Transfer-Encoding: chunked\r\n\r\n${(MIB + 1).toString(16)}\r\n${'x'.repeat(MIB + 1)}`,
    ]) {
      const raw = await RawSocket.open(fixture.port);
      raw.write(head + framing);
      await raw.until((received) => received.includes('insufficient_balance'), WAIT.timeoutMs);
      expect(raw.statuses).toEqual([402]);
      raw.destroy();
    }
    const short = await fixture.call('/v1/chat/completions', { key, body: '{"model":"none"}' });
    expect(short.status).toBe(404);
  });
});

describe('a client that waits for 100 Continue', () => {
  it('is told about its key first, and is not asked for the body', async () => {
    const raw = await RawSocket.open(fixture.port);
    raw.write(
      'POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer eco_wrong\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
    );
    await raw.until((received) => received.includes('invalid_api_key'));
    expect(raw.statuses).toEqual([401]);
    raw.destroy();
  });
});

describe('a management body that is too large', () => {
  it('is not asked for where it is announced', async () => {
    const raw = await RawSocket.open(fixture.port);
    raw.write(`POST /api/v1/models HTTP/1.1\r\nHost: a\r\nContent-Length: ${2 * MIB}\r\nExpect: 100-continue\r\n\r\n`);
    await raw.until((received) => received.includes('request_too_large'));
    expect(raw.statuses).toEqual([413]);
    raw.destroy();
  });

  it.each([1, 2, 3, 4, 5])('is told 413 while it is still being sent (try %i)', async () => {
    const answer = await fixture.call('/api/v1/models', { method: 'POST', body: Buffer.alloc(2 * MIB, 'x') });
    expect([answer.status, answer.text.includes('request_too_large')]).toEqual([413, true]);
  });
});

describe('metrics', () => {
  const get = (headers: Record<string, string>): Promise<number> =>
    fetch(`${fixture.router.adminUrl}/metrics`, { headers }).then((response) => response.status);

  it('are told to this machine and to operators, and to no page whose name leads here', async () => {
    expect(await get({})).toBe(200);
    expect(await get({ 'x-forwarded-for': '1.2.3.4' })).toBe(401);
    // The stub owner takes every token.
    expect(await get({ 'x-forwarded-for': '1.2.3.4', authorization: 'Bearer operator' })).toBe(200);
    const raw = await RawSocket.open(Number(new URL(fixture.router.adminUrl).port));
    raw.write('GET /metrics HTTP/1.1\r\nHost: evil.test\r\n\r\n');
    await raw.until((received) => received.includes('invalid_credentials'));
    expect(raw.statuses).toEqual([401]);
    raw.destroy();
  });
});

describe('the id of a call', () => {
  it('is one from the client to the pod, whatever the client called it, and a trace goes along', async () => {
    const model = fixture.addInstance(3, ['mv']);
    const body = JSON.stringify({ model, messages: [] });
    const { headers } = await fixture.call('/v1/chat/completions', { body, headers: { 'x-request-id': 'mine' } });
    const id = headers['x-ecolink-request-id'];
    expect(id).toMatch(/^req_/);
    expect([headers['x-request-id'], mv.seen[0]?.headers['x-request-id']]).toEqual([id, id]);
    expect(mv.seen[0]?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await fixture.call('/v1/chat/completions', { body, headers: { traceparent } });
    expect(mv.seen[1]?.headers['traceparent']).toBe(traceparent);
  });

  it('is never of a client’s making, also where the service itself answers', async () => {
    for (const path of ['/healthz', '/readyz', '/v1/models', '/nowhere']) {
      const { headers } = await fixture.call(path, { headers: { 'x-ecolink-request-id': 'req_forged0000' } });
      expect(headers['x-ecolink-request-id']).not.toBe('req_forged0000');
      expect(headers['x-request-id']).toBe(headers['x-ecolink-request-id']);
    }
  });
});
