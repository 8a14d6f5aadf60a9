import { waitFor } from '@ecolink/testing';
import { answerOk, RouterFixture, type StubGateway } from './support/router-fixture.js';
import { RawSocket } from './support/raw-socket.js';

const CALLS_MAX = 10;
const BUDGET_BYTES = 400_000;
const SHARE_BYTES = BUDGET_BYTES / 4;

let fixture: RouterFixture;
let mv: StubGateway;
let otherKey: string;

beforeAll(async () => {
  fixture = await RouterFixture.start({
    callsPerInstanceMax: CALLS_MAX,
    connectionsPerGatewayMax: 2 * CALLS_MAX,
    bodiesBytesMax: BUDGET_BYTES,
  });
  mv = await fixture.addRegion('mv');
  otherKey = fixture.plane.addCaller('acc_other');
});

afterAll(() => fixture.close());

function bodyOf(model: string, bytes: number): string {
  return JSON.stringify({ model, messages: [{ role: 'user', content: 'x'.repeat(bytes) }] });
}

describe('an instance whose pods hang', () => {
  it('takes no connections from its neighbours, and its own further calls are told so at once', async () => {
    const [hung, well] = [fixture.addInstance(1, ['mv']), fixture.addInstance(2, ['mv'])];
    mv.answer = (response, seen, request) => (seen.instanceId === 1 ? undefined : answerOk(response, seen, request));
    const open = Array.from({ length: CALLS_MAX }, () => fixture.chat(hung));
    await waitFor(() => mv.seen.filter((seen) => seen.instanceId === 1).length === CALLS_MAX, {
      timeoutMs: 45_000,
      what: 'the calls',
    });
    const answers = await Promise.all(Array.from({ length: 3 * CALLS_MAX }, () => fixture.chat(well)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await fixture.chat(hung);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '2']);
    expect(refused.text).toContain('no_healthy_pod');
    mv.answer = answerOk;
    mv.server.closeAllConnections();
    await Promise.all(open);
    expect((await fixture.chat(hung)).status).toBe(200);
  });
});

describe('bodies of all accounts together', () => {
  it('are bounded, slow ones included: what is beyond is told 503 with Retry-After, and there is room when they have gone', async () => {
    const model = fixture.addInstance(5, ['mv'], { account_id: 'acc_other' });
    const slow: RawSocket[] = [];
    for (const account of ['a', 'b', 'c', 'd']) {
      const key = fixture.plane.addCaller(`acc_${account}`);
      const raw = await RawSocket.open(fixture.port);
      const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nContent-Length: 99000\r\n\r\n`;
      raw.write(`${head}{"model":"${'x'.repeat(0.95 * SHARE_BYTES)}`);
      slow.push(raw);
    }
    const call = () => fixture.call('/v1/chat/completions', { key: otherKey, body: bodyOf(model, SHARE_BYTES / 2) });
    await waitFor(async () => (await call()).status === 503, { timeoutMs: 45_000, what: 'the bodies to have come' });
    const refused = await call();
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(refused.text).toContain('service_unavailable');
    for (const raw of slow) raw.destroy();
    await waitFor(async () => (await call()).status === 200, { timeoutMs: 45_000, what: 'room' });
  });
});

describe('an account that sends huge bodies', () => {
  it('is refused at its share, slow bodies included, while others are served; and served when its calls are over', async () => {
    const model = fixture.addInstance(3, ['mv']);
    const others = fixture.addInstance(4, ['mv'], { account_id: 'acc_other' });
    const held = 60_000;
    const slow = await RawSocket.open(fixture.port);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${fixture.key}\r\nContent-Length: 90000\r\n\r\n`;
    slow.write(`${head}{"model":"${'x'.repeat(held)}`);
    const large = { body: bodyOf(model, SHARE_BYTES - held) };
    await waitFor(async () => (await fixture.call('/v1/chat/completions', large)).status === 429, {
      timeoutMs: 45_000,
      what: 'a 429',
    });
    const refused = await fixture.call('/v1/chat/completions', large);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    const neighbour = await fixture.call('/v1/chat/completions', { key: otherKey, body: bodyOf(others, SHARE_BYTES / 2) });
    expect(neighbour.status).toBe(200);
    slow.destroy();
    await waitFor(async () => (await fixture.call('/v1/chat/completions', large)).status === 200, {
      timeoutMs: 45_000,
      what: 'room',
    });
  });
});
