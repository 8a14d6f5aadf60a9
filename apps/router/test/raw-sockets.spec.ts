import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@ecolink/testing';
import { exchangeRaw, RawSocket } from './support/raw-socket.js';
import { answerOk, RouterFixture, type StubGateway } from './support/router-fixture.js';

const OWN_INSTANCE = 1;
const FOREIGN_INSTANCE = 2;
const CUSTOM_INSTANCE = 3;
const ROOT_INSTANCE = 4;
const BODY_PATIENCE_MS = 1_000;
const CRLF = '\r\n';

let fixture: RouterFixture;
let gateway: StubGateway;
let model: string;

beforeAll(async () => {
  fixture = await RouterFixture.start({ bodyPatienceMs: BODY_PATIENCE_MS });
  gateway = await fixture.addRegion('mv');
  fixture.plane.addCaller('acc_stranger');
  model = fixture.addInstance(OWN_INSTANCE, ['mv']);
  fixture.addInstance(FOREIGN_INSTANCE, ['mv'], { account_id: 'acc_stranger', custom_api_path: '' });
  fixture.addInstance(CUSTOM_INSTANCE, ['mv'], { openai_compatible: false, custom_api_path: 'generate' });
  fixture.addInstance(ROOT_INSTANCE, ['mv'], { openai_compatible: false, custom_api_path: '' });
});

beforeEach(() => {
  gateway.seen.length = 0;
  gateway.answer = answerOk;
});

/** Whatever came in: the router goes on, and nobody else's pod has seen anything. */
afterEach(async () => {
  gateway.answer = answerOk;
  expect(gateway.seen.filter(({ instanceId }) => instanceId === FOREIGN_INSTANCE)).toEqual([]);
  expect((await fixture.chat(model)).status).toBe(200);
});

afterAll(() => fixture.close());

const chatBody = (): string => JSON.stringify({ model, messages: [] });

function head(target: string, headers: readonly string[] = [], method = 'POST', version = 'HTTP/1.1'): string {
  return [`${method} ${target} ${version}`, 'Host: x', `Authorization: Bearer ${fixture.key}`, ...headers, '', ''].join(CRLF);
}

function chat(headers: readonly string[] = [], body = chatBody()): string {
  return head('/v1/chat/completions', [`Content-Length: ${Buffer.byteLength(body)}`, ...headers]) + body;
}

const proxied = (path: string, headers: readonly string[] = [], method = 'GET'): string =>
  head(`/inference-instances/${ROOT_INSTANCE}/proxy${path}`, headers, method);

/** What one could try to smuggle behind a request. */
const smuggled = (): string =>
  `GET /inference-instances/${FOREIGN_INSTANCE}/proxy/ HTTP/1.1${CRLF}Host: x${CRLF}Authorization: Bearer ${fixture.key}${CRLF}${CRLF}`;

describe('framing that two servers could read differently', () => {
  const AMBIGUOUS: [string, (body: string) => string][] = [
    [
      'a length and chunks',
      (body) =>
        head('/v1/chat/completions', [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked']) + `0${CRLF}${CRLF}`,
    ],
    ['two lengths', (body) => head('/v1/chat/completions', [`Content-Length: ${body.length}`, 'Content-Length: 0']) + body],
    [
      'two equal lengths',
      (body) => head('/v1/chat/completions', [`Content-Length: ${body.length}`, `Content-Length: ${body.length}`]) + body,
    ],
    ['a list of lengths', (body) => head('/v1/chat/completions', [`Content-Length: ${body.length}, ${body.length}`]) + body],
    ['a signed length', (body) => head('/v1/chat/completions', [`Content-Length: +${body.length}`]) + body],
    ['a length in hexadecimal', (body) => head('/v1/chat/completions', ['Content-Length: 0x10']) + body],
    ['a length that is no number', (body) => head('/v1/chat/completions', ['Content-Length: 1e1']) + body],
    ['a negative length', (body) => head('/v1/chat/completions', ['Content-Length: -1']) + body],
    [
      'chunks that are not the last coding',
      (body) => head('/v1/chat/completions', ['Transfer-Encoding: chunked, identity']) + body,
    ],
    ['an unknown coding', (body) => head('/v1/chat/completions', ['Transfer-Encoding: xchunked']) + body],
    ['two codings', (body) => head('/v1/chat/completions', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']) + body],
    ['a blank before the colon', (body) => head('/v1/chat/completions', [`Content-Length : ${body.length}`]) + body],
    [
      'a folded header',
      (body) => head('/v1/chat/completions', [`X-Folded: a${CRLF} Content-Length: 0`, `Content-Length: ${body.length}`]) + body,
    ],
    [
      'line ends without carriage return',
      (body) => head('/v1/chat/completions', [`Content-Length: ${body.length}`]).replaceAll(CRLF, '\n') + body,
    ],
    [
      'a carriage return alone',
      (body) => head('/v1/chat/completions', [`X-A: b\rContent-Length: 0`, `Content-Length: ${body.length}`]) + body,
    ],
    ['a NUL in a header', (body) => head('/v1/chat/completions', ['X-A: b\0c', `Content-Length: ${body.length}`]) + body],
    ['a header without a name', (body) => head('/v1/chat/completions', [': b', `Content-Length: ${body.length}`]) + body],
    ['two hosts', (body) => head('/v1/chat/completions', ['Host: y', `Content-Length: ${body.length}`]) + body],
    [
      'a chunk size with blanks',
      () => head('/v1/chat/completions', ['Transfer-Encoding: chunked']) + `5 5${CRLF}hello${CRLF}0${CRLF}${CRLF}`,
    ],
    [
      'a chunk size too large for any number',
      () => head('/v1/chat/completions', ['Transfer-Encoding: chunked']) + `fffffffffffffffff${CRLF}`,
    ],
    [
      'a chunk longer than it says',
      () => head('/v1/chat/completions', ['Transfer-Encoding: chunked']) + `1${CRLF}hello${CRLF}0${CRLF}${CRLF}`,
    ],
    ['no version', (body) => `POST /v1/chat/completions${CRLF}Host: x${CRLF}${CRLF}${body}`],
    [
      'a version that does not exist',
      (body) => head('/v1/chat/completions', [`Content-Length: ${body.length}`], 'POST', 'HTTP/3.9') + body,
    ],
    ['a method that does not exist', () => head('/v1/chat/completions', [], 'BREW')],
    ['no HTTP at all', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(600, 'x')],
  ];

  it.each(AMBIGUOUS)('is refused, and the connection closed: %s', async (_what, bytes) => {
    const raw = await RawSocket.open(fixture.port);
    raw.write(bytes(chatBody()) + smuggled());
    await raw.untilClosed();
    expect(raw.statuses).toHaveLength(1);
    expect(raw.statuses[0]).toBe(400);
    expect(gateway.seen).toEqual([]);
  });

  it('is refused when the chunk extensions go on and on', async () => {
    const raw = await RawSocket.open(fixture.port);
    raw.write(
      head('/v1/chat/completions', ['Transfer-Encoding: chunked']) + `5;${'x'.repeat(20_000)}${CRLF}hello${CRLF}0${CRLF}${CRLF}`,
    );
    await raw.untilClosed();
    expect([400, 413]).toContain(raw.statuses[0]);
    expect(gateway.seen).toEqual([]);
  });

  it('may come in pieces, at any pace, behind its announced length', async () => {
    const body = chatBody();
    const raw = await RawSocket.open(fixture.port);
    raw.write(head('/v1/chat/completions', [`Content-Length: ${body.length}`]));
    for (const piece of [body.slice(0, 1), body.slice(1, -1), body.slice(-1)]) {
      await delay(20);
      raw.write(piece);
    }
    await raw.until(() => raw.statuses.length > 0);
    raw.destroy();
    expect(raw.statuses).toEqual([200]);
    expect(gateway.seen.map((seen) => seen.body)).toEqual([JSON.stringify({ model: 'my-llama', messages: [] })]);
  });

  it('is decoded once where it is clear: the pod gets a length of its own', async () => {
    const body = chatBody();
    const pieces = body
      .split('')
      .map((letter) => `1;ext=1${CRLF}${letter}${CRLF}`)
      .join('');
    const raw = await exchangeRaw(
      fixture.port,
      `${head('/v1/chat/completions', ['Transfer-Encoding: chunked', 'Trailer: X-T'])}${pieces}0${CRLF}X-T: 1${CRLF}${CRLF}`,
    );
    expect(raw.statuses).toEqual([200]);
    const [seen] = gateway.seen;
    expect(seen?.body).toBe(JSON.stringify({ model: 'my-llama', messages: [] }));
    expect(seen?.headers['content-length']).toBe(String(seen?.body.length));
    expect(Object.keys(seen?.headers ?? {})).not.toEqual(expect.arrayContaining(['transfer-encoding', 'trailer', 'x-t']));
  });
});

describe('heads', () => {
  it('are refused with 431 beyond their limit', async () => {
    const raw = await exchangeRaw(fixture.port, chat([`X-Large: ${'x'.repeat(100_000)}`]));
    expect(raw.statuses).toEqual([431]);
    expect(gateway.seen).toEqual([]);
  });

  it('are refused with 431 when they consist of very many headers', async () => {
    const raw = await exchangeRaw(fixture.port, chat(Array.from({ length: 20_000 }, (_, index) => `X-${index}: y`)));
    expect(raw.statuses[0]).toBe(431);
    expect(gateway.seen).toEqual([]);
  });

  it('never carry what their Connection header names to the pod, however it is written', async () => {
    const bound = ['Connection: close, x-first', 'X-First: 1', 'CONNECTION: X-Second ,keep-alive', 'x-SECOND: 2', 'X-Kept: 3'];
    await exchangeRaw(fixture.port, chat(bound));
    await exchangeRaw(fixture.port, proxied('/a', bound));
    expect(gateway.seen).toHaveLength(2);
    for (const { headers } of gateway.seen) {
      expect(headers).toMatchObject({ 'x-kept': '3' });
      for (const name of ['x-first', 'x-second', 'authorization', 'host-x']) expect(headers[name]).toBeUndefined();
    }
  });

  it('cannot forge what routers and gateways tell each other', async () => {
    const forged = [
      'X-EcoLink-Internal-Secret: guess',
      'x-ecolink-region: ga',
      'X-Ecolink-Sent: no',
      'X-Ecolink-Failed-Pods: pod_0',
      'X-Ecolink-Tried-Pods: pod_0',
      'Cookie: a=b',
      'TE: trailers',
    ];
    await exchangeRaw(fixture.port, chat(forged));
    await exchangeRaw(fixture.port, proxied('/a', forged));
    for (const { rawHeaders, headers } of gateway.seen) {
      expect(rawHeaders.filter((name) => name.toLowerCase() === 'x-ecolink-internal-secret')).toHaveLength(1);
      expect(headers['x-ecolink-internal-secret']).not.toContain('guess');
      for (const name of ['x-ecolink-region', 'x-ecolink-sent', 'x-ecolink-failed-pods', 'x-ecolink-tried-pods', 'cookie', 'te'])
        expect(headers[name]).toBeUndefined();
    }
    expect(gateway.seen).toHaveLength(2);
  });

  it('that ask for another protocol are told that there is none, and those that offer HTTP/2 get an ordinary answer', async () => {
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ];
    const raw = await exchangeRaw(fixture.port, proxied('/ws', upgrade));
    expect(raw.statuses).toEqual([501]);
    expect(raw.received).toContain('upgrade_not_supported');
    expect(gateway.seen).toEqual([]);
    const h2c = await exchangeRaw(
      fixture.port,
      proxied('/h2', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA']),
    );
    expect(h2c.statuses).toEqual([200]);
    for (const { headers } of gateway.seen) expect(headers.upgrade).toBeUndefined();
  });

  it('that ask to connect to elsewhere are closed', async () => {
    const raw = await RawSocket.open(fixture.port);
    raw.write(`CONNECT 127.0.0.1:22 HTTP/1.1${CRLF}Host: x${CRLF}${CRLF}`);
    await raw.untilClosed();
    expect(raw.statuses).toEqual([501]);
  });
});

describe('targets', () => {
  it.each([
    'http://127.0.0.1:1/v1/chat/completions',
    'http://evil.example/v1/chat/completions',
    'HTTP://x@y/v1/chat/completions',
    '*',
    '//evil.example/v1',
  ])('that name another place are not found: %s', async (target) => {
    const raw = await exchangeRaw(fixture.port, head(target, ['Content-Length: 0']));
    expect(raw.statuses[0]).toBeGreaterThanOrEqual(400);
    expect(raw.statuses[0]).toBeLessThan(500);
    expect(gateway.seen).toEqual([]);
  });

  it.each([
    '..',
    '../2/x',
    'generate/..',
    'generate/../..',
    'generate/%2e%2e/x',
    'generate/.%2E/x',
    'generate/%2E/x',
    'generate/./x',
    'generate/..%2fx',
    'generate/..%5cx',
    'generate/..\\x',
    'generate/..;/x',
    'generate/..;a=b/x',
    'generate%2f..%2f..%2fx',
  ])('of a custom instance with dot segments are refused in every spelling: %s', async (path) => {
    const raw = await exchangeRaw(fixture.port, head(`/inference-instances/${CUSTOM_INSTANCE}/proxy/${path}`, [], 'GET'));
    expect(raw.statuses).toEqual([404]);
    expect(gateway.seen).toEqual([]);
  });

  it.each(['other', 'generatex', 'generate%2fx', 'Generate', '/generate', '%67enerate', ''])(
    'outside the instance’s own path are refused: %s',
    async (path) => {
      const raw = await exchangeRaw(fixture.port, head(`/inference-instances/${CUSTOM_INSTANCE}/proxy/${path}`, [], 'GET'));
      expect(raw.statuses).toEqual([404]);
      expect(gateway.seen).toEqual([]);
    },
  );

  it.each([
    '/a%2Fb',
    '/a//b',
    '/a/%00',
    '/%e4?q=%ff',
    '/a?b=../..',
    '/a;b=c',
    '/~a/…'.replace('…', '%E2%80%A6'),
    '/a?',
    '/?x#y'.replace('#y', ''),
    '/a/...',
    '/...a',
  ])('that are odd but inside reach the pod as they were written: %s', async (path) => {
    const raw = await exchangeRaw(fixture.port, proxied(path));
    expect(raw.statuses).toEqual([200]);
    expect(gateway.seen.map((seen) => seen.path)).toEqual([path]);
  });

  it.each([
    `${FOREIGN_INSTANCE}`,
    `0${FOREIGN_INSTANCE}`,
    `%3${FOREIGN_INSTANCE}`,
    `${FOREIGN_INSTANCE}%2f`,
    '2e0',
    '-2',
    '99999999999999999999',
    '1_2',
    ' 2'.trim() + '.0',
  ])('that name another account’s instance in any spelling get nowhere: %s', async (id) => {
    const raw = await exchangeRaw(fixture.port, head(`/inference-instances/${id}/proxy/x`, [], 'GET'));
    expect([401, 404]).toContain(raw.statuses[0]);
    expect(gateway.seen).toEqual([]);
  });
});

describe('bodies', () => {
  const refused: [string, () => string | Buffer][] = [
    ['no JSON', () => 'model=a'],
    ['a model named twice', () => `{"model":"${model}","model":"my-llama:${FOREIGN_INSTANCE}"}`],
    ['a model named twice, once escaped', () => `{"mod\\u0065l":"my-llama:${FOREIGN_INSTANCE}","model":"${model}"}`],
    ['a stream flag named twice', () => `{"model":"${model}","stream":false,"stream":true}`],
    ['a model only in the prototype', () => `{"__proto__":{"model":"${model}"}}`],
    ['a model in an array', () => `[{"model":"${model}"}]`],
    ['a nesting that no server could read', () => `{"model":"${model}","messages":${'['.repeat(3_000_000)}`],
    ['a byte order mark', () => `\ufeff{"model":"${model}"}`],
    ['UTF-16', () => Buffer.from(`{"model":"${model}"}`, 'utf16le')],
    ['a NUL', () => `{"model":"${model}"}\0`],
    ['nothing', () => ''],
  ];

  it.each(refused)('are refused with 400: %s', async (_what, body) => {
    const answer = await fixture.call('/v1/chat/completions', { method: 'POST', body: body() });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, 'invalid_request']);
    expect(gateway.seen).toEqual([]);
  });

  it.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, identity', 'x'])('that are compressed are refused: %s', async (encoding) => {
    const answer = await fixture.call('/v1/chat/completions', { body: chatBody(), headers: { 'content-encoding': encoding } });
    expect(answer.status).toBe(400);
    expect(gateway.seen).toEqual([]);
  });

  it('with names of the prototype and lone surrogates reach the pod as they are, and change nothing here', async () => {
    const body = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":"\\ud800","b":"\\udc00x","model":"my-llama","toString":1}`;
    const answer = await fixture.call('/v1/chat/completions', { body: body.replace('"my-llama"', JSON.stringify(model)) });
    expect(answer.status).toBe(200);
    expect(gateway.seen[0]?.body).toBe(body);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('nested deeply, but not too deeply, reach the pod', async () => {
    const nested = '['.repeat(2_000) + ']'.repeat(2_000);
    const answer = await fixture.call('/v1/chat/completions', { body: `{"model":"${model}","messages":[],"x":${nested}}` });
    expect(answer.status).toBe(200);
  });

  it('that a client announces with Expect are asked for once, and the pod is asked for nothing', async () => {
    const raw = await RawSocket.open(fixture.port);
    const body = chatBody();
    raw.write(head('/v1/chat/completions', [`Content-Length: ${body.length}`, 'Expect: 100-continue']));
    await raw.until((received) => received.includes('100 Continue'));
    raw.write(body);
    await raw.until((received) => received.includes('"usage"'));
    expect(raw.statuses).toEqual([100, 200]);
    expect(gateway.seen[0]?.headers.expect).toBeUndefined();
    raw.destroy();
  });

  it('that are announced with an expectation nobody knows are refused', async () => {
    const raw = await exchangeRaw(fixture.port, chat(['Expect: the-unexpected']));
    expect(raw.statuses[0]).toBeGreaterThanOrEqual(400);
    expect(gateway.seen).toEqual([]);
  });

  it('that come slowly are waited for, and cost others nothing', async () => {
    const raw = await RawSocket.open(fixture.port);
    const body = chatBody();
    raw.write(head('/v1/chat/completions', [`Content-Length: ${body.length}`]));
    for (const letter of body) {
      raw.write(letter);
      if (letter === '{') expect((await fixture.chat(model)).status).toBe(200);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await raw.until((received) => received.includes('"usage"'));
    expect(raw.statuses).toEqual([200]);
    raw.destroy();
  });

  it('that stop coming are given up, and their connection is closed', async () => {
    const raw = await RawSocket.open(fixture.port);
    raw.write(head('/v1/chat/completions', ['Content-Length: 1000']) + '{"model"');
    await raw.until((received) => received.includes('request_timeout'));
    expect(raw.statuses).toEqual([408]);
    expect(gateway.seen).toEqual([]);
  });

  it('that end before their length never reach a pod', async () => {
    const raw = await RawSocket.open(fixture.port);
    raw.write(head('/v1/chat/completions', ['Content-Length: 100000']) + chatBody());
    raw.socket.end();
    await raw.untilClosed();
    expect(gateway.seen).toEqual([]);
  });
});

describe('what is no request of HTTP', () => {
  it('is refused in the one error shape, with a request id', async () => {
    const raw = await RawSocket.open(fixture.port);
    raw.write('nonsense\r\n\r\n');
    await raw.untilClosed();
    expect(raw.statuses).toEqual([400]);
    expect(raw.received).toMatch(/^x-ecolink-request-id: req_/m);
    expect(JSON.parse(raw.received.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { code: 'invalid_request' } });
  });

  it('is never written into an answer that is under way', async () => {
    gateway.answer = (response) => {
      response.writeHead(200);
      response.write('half');
    };
    const raw = await RawSocket.open(fixture.port);
    raw.write(head(`/inference-instances/${ROOT_INSTANCE}/proxy/x`, []));
    await raw.until((received) => received.includes('half'));
    raw.write('nonsense\r\n\r\n');
    await raw.untilClosed();
    expect(raw.statuses).toEqual([200]);
    expect(raw.received).not.toContain('invalid_request');
  });
});

describe('connections', () => {
  it('answer pipelined requests in their order, each to its own', async () => {
    const raw = await RawSocket.open(fixture.port);
    const paths = Array.from({ length: 20 }, (_, index) => `/p${index}`);
    gateway.answer = (response, { path }) => setTimeout(() => response.end(`<${path}>`), path === '/p0' ? 50 : 0);
    raw.write(paths.map((path) => proxied(path)).join(''));
    await raw.until((received) => received.includes('</p19>'));
    expect([...raw.received.matchAll(/<(\/p[0-9]+)>/g)].map((match) => match[1])).toEqual(paths);
    raw.destroy();
  });

  it('of HTTP/1.0 get a whole answer and are closed', async () => {
    const body = chatBody();
    const raw = await RawSocket.open(fixture.port);
    raw.write(head('/v1/chat/completions', [`Content-Length: ${body.length}`], 'POST', 'HTTP/1.0') + body);
    await raw.untilClosed();
    expect(raw.statuses).toEqual([200]);
    expect(raw.received).toContain('"usage"');
    expect(raw.received).not.toMatch(/transfer-encoding/i);
  });

  it('of HTTP/1.0 are reset when a custom answer of unknown length is cut, so that nobody takes it for whole', async () => {
    gateway.answer = (response) => {
      response.writeHead(200);
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    };
    const raw = await RawSocket.open(fixture.port);
    const errors: string[] = [];
    raw.socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
    raw.write(head(`/inference-instances/${ROOT_INSTANCE}/proxy/x`, [], 'GET', 'HTTP/1.0'));
    await raw.untilClosed();
    expect(errors).toEqual(['ECONNRESET']);
  });

  it('have a limit of time for their heads, and none for a whole body', async () => {
    const server = fixture.router.app.getHttpServer() as Server;
    // The real limit is 30 s and looked at every 30 s; what matters here is that there is one.
    expect(server.headersTimeout).toBeGreaterThan(0);
    expect(server.headersTimeout).toBeLessThanOrEqual(60_000);
    expect(server.requestTimeout).toBe(0);
  });

  it('may be idle by the thousand, and calls go on', async () => {
    const idle = await Promise.all(Array.from({ length: 1_000 }, () => RawSocket.open(fixture.port)));
    for (const [index, raw] of idle.entries())
      if (index % 2 === 0) raw.write('POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    for (let call = 0; call < 20; call += 1) expect((await fixture.chat(model)).status).toBe(200);
    for (const raw of idle) raw.destroy();
    const server = fixture.router.app.getHttpServer() as Server;
    const open = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
    await waitFor(async () => (await open()) < 20, { timeoutMs: 45_000, what: 'the connections to be forgotten' });
  }, 120_000);
});
