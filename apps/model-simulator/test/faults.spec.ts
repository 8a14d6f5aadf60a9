import { createConnection } from 'node:net';
import type { Fault } from '../src/index.js';
import { answerOf, chat, chunksOf, closeSimulators, eventually, framesOf, post, simulator, textOf } from './simulator.js';

afterEach(closeSimulators);

const COUNT = chat('Count to 5', { stream: true, stream_options: { include_usage: true } });
const REPLY = "EcoLink's simulated model counts to 5: 1, 2, 3, 4, 5.";

async function faulty(...faults: Fault[]): Promise<{ url: string; chatUrl: string; last: () => unknown }> {
  const started = await simulator({ faults });
  return { url: started.url, chatUrl: `${started.url}/v1/chat/completions`, last: () => started.requests().at(-1)?.outcome };
}

/** Sends a request over a bare socket; returns every data event, so that packet boundaries can be seen, and how it ended. */
async function rawChunks(url: string, body: object): Promise<{ chunks: Buffer[]; error: string | undefined }> {
  const { hostname, port } = new URL(url);
  const text = JSON.stringify(body);
  const socket = createConnection(Number(port), hostname);
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  const chunks: Buffer[] = [];
  let error: string | undefined;
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', (cause: NodeJS.ErrnoException) => (error = cause.code));
  await new Promise<void>((resolve) => socket.on('close', () => resolve()));
  return { chunks, error };
}

async function readUntilBroken(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes as Uint8Array, { stream: true });
  } catch {
    return text;
  }
  throw new Error(`the stream ended cleanly after ${text}`);
}

describe('before the headers', () => {
  it('refuse: connecting is refused until the fault is taken away, on the same port', async () => {
    const started = await simulator({ faults: [{ kind: 'refuse' }] });
    await expect(fetch(`${started.url}/health`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await started.setFault();
    expect((await fetch(`${started.url}/health`)).status).toBe(200);
    await started.setFault({ kind: 'refuse' });
    await expect(fetch(`${started.url}/health`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('close-before-headers: the request arrives, no answer comes', async () => {
    const { chatUrl, last } = await faulty({ kind: 'close-before-headers', reset: false });
    await expect(post(chatUrl, COUNT)).rejects.toThrow();
    expect(last()).toBe('broken-by-fault');
  });

  it('reset-mid-headers: part of a head arrives, then a reset', async () => {
    const { url } = await faulty({ kind: 'reset-mid-headers' });
    const { chunks, error } = await rawChunks(url, COUNT);
    expect(Buffer.concat(chunks).toString()).toBe('HTTP/1.1 200 OK\r\ncontent-type: applica');
    expect(error).toBe('ECONNRESET');
  });

  it('hang-before-headers: nothing comes until the client gives up, which is recorded as its abort', async () => {
    const { chatUrl, last } = await faulty({ kind: 'hang-before-headers' });
    const abort = new AbortController();
    const pending = fetch(chatUrl, { method: 'POST', body: JSON.stringify(COUNT), signal: abort.signal });
    await eventually(() => last() === 'running');
    abort.abort();
    await expect(pending).rejects.toThrow();
    await eventually(() => last() === 'aborted');
  });

  it('status: answers so for the counted requests, then works again', async () => {
    const { chatUrl } = await faulty({ kind: 'status', status: 503, body: 'busy', retryAfterSeconds: 7, times: 2 });
    for (let count = 0; count < 2; count += 1) {
      const response = await post(chatUrl, COUNT);
      expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([503, '7', 'busy']);
    }
    expect((await post(chatUrl, COUNT)).status).toBe(200);
  });

  it('reject-stream-options: 400 only for requests that carry them', async () => {
    const { chatUrl } = await faulty({ kind: 'reject-stream-options' });
    expect((await post(chatUrl, COUNT)).status).toBe(400);
    expect((await post(chatUrl, chat('a', { stream: true }))).status).toBe(200);
  });
});

describe('inside a stream', () => {
  it.each([0, 3])('cut-after-tokens=%i: exactly so many tokens, then the connection ends without [DONE]', async (tokens) => {
    const { chatUrl, last } = await faulty({ kind: 'cut-after-tokens', tokens, reset: false });
    const text = await readUntilBroken(await post(chatUrl, COUNT));
    expect(chunksOf(text).filter((chunk) => chunk.choices?.[0]?.delta?.content)).toHaveLength(tokens);
    expect(text).not.toContain('[DONE]');
    expect(last()).toBe('broken-by-fault');
  });

  it('cut-after-tokens: cuts before the finish when the reply is shorter', async () => {
    const { chatUrl } = await faulty({ kind: 'cut-after-tokens', tokens: 9999, reset: true });
    const text = await readUntilBroken(await post(chatUrl, COUNT));
    expect(textOf(framesOf(text))).toBe(REPLY);
    expect(text).not.toContain('"finish_reason":"stop"');
  });

  it('cut-after-tokens: half of a body that is not streamed', async () => {
    const { chatUrl } = await faulty({ kind: 'cut-after-tokens', tokens: 0, reset: false });
    const response = await post(chatUrl, chat('Count to 5'));
    const text = await readUntilBroken(response);
    expect(text).toHaveLength(Math.floor(Number(response.headers.get('content-length')) / 2));
  });

  it('hang-after-tokens: so many tokens, then silence', async () => {
    const started = await simulator({ faults: [{ kind: 'hang-after-tokens', tokens: 2 }] });
    const abort = new AbortController();
    const response = await fetch(`${started.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(COUNT),
      signal: abort.signal,
    });
    const reading = readUntilBroken(response);
    await eventually(() => started.requests()[0]?.tokensProduced === 2);
    abort.abort();
    await reading;
    await eventually(() => started.stats().aborted === 1);
    expect(started.requests()[0]?.tokensProduced).toBe(2);
  });

  it.each([0, 3])('error-after-frames=%i: an error object inside a 200 stream', async (frames) => {
    const { chatUrl } = await faulty({ kind: 'error-after-frames', frames, done: false });
    const response = await post(chatUrl, COUNT);
    const received = framesOf(await response.text());
    expect(response.status).toBe(200);
    expect(received).toHaveLength(frames + 1);
    expect(received.at(-1)).toMatchObject({ error: { code: 'internal_error' } });
  });

  it('omit-usage and zero-usage: none though asked for, or explicit zeros', async () => {
    const omitted = await faulty({ kind: 'omit-usage' });
    expect(await (await post(omitted.chatUrl, COUNT)).text()).not.toContain('usage');
    expect(await answerOf(await post(omitted.chatUrl, chat('a')))).not.toHaveProperty('usage');
    const zero = await faulty({ kind: 'zero-usage' });
    expect(chunksOf(await (await post(zero.chatUrl, COUNT)).text()).at(-1)?.usage).toEqual({
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 0,
    });
  });

  it.each<Fault>([
    { kind: 'crlf' },
    { kind: 'comments', every: 2 },
    { kind: 'empty-choices', every: 2 },
    { kind: 'split', bytes: 1 },
    { kind: 'split-utf8' },
    { kind: 'slow-body', bytes: 512, everyMs: 1 },
    { kind: 'oversize-frame', bytes: 300_000 },
  ])('$kind: odd on the wire, the same text and usage', async (fault) => {
    const plain = await faulty();
    const odd = await faulty(fault);
    const body = chat('héllo 🙂 wörld', { stream: true, stream_options: { include_usage: true } });
    const expected = framesOf(await (await post(plain.chatUrl, body)).text());
    const text = await (await post(odd.chatUrl, body)).text();
    const received = framesOf(text);
    expect(textOf(received)).toBe(textOf(expected));
    expect(received.at(-2)).toMatchObject({ usage: (expected.at(-2) as { usage: object }).usage });
    expect(received.at(-1)).toBe('[DONE]');
    if (fault.kind === 'crlf') expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    if (fault.kind === 'comments') expect(text).toContain(': simulated comment\n\n');
    if (fault.kind === 'empty-choices') expect(text.match(/"choices":\[\]/g)?.length).toBeGreaterThan(2);
    if (fault.kind === 'oversize-frame') expect(text.length).toBeGreaterThan(300_000);
  });

  it('split-utf8: some packet really ends inside a character', async () => {
    const { url } = await faulty({ kind: 'split-utf8' });
    const { chunks } = await rawChunks(url, chat('🙂é', { stream: true }));
    // Every piece is an HTTP chunk of its own, whose data then ends with the lead byte.
    const body = Buffer.concat(chunks);
    expect(body.includes(Buffer.from([0xf0, 0x0d, 0x0a]))).toBe(true);
    expect(body.includes(Buffer.from([0xc3, 0x0d, 0x0a]))).toBe(true);
  });
});

describe('health and headers', () => {
  it('health is red, hanging or missing while real calls succeed', async () => {
    const started = await simulator({ faults: [{ kind: 'health-red' }] });
    expect((await fetch(`${started.url}/health`)).status).toBe(503);
    await started.setFault({ kind: 'health-missing' });
    expect((await fetch(`${started.url}/health`)).status).toBe(404);
    await started.setFault({ kind: 'health-hang' });
    await expect(fetch(`${started.url}/health`, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    expect((await post(`${started.url}/v1/chat/completions`, COUNT)).status).toBe(200);
  });

  it('health is green while real calls fail', async () => {
    const { url, chatUrl } = await faulty({ kind: 'status', status: 500 });
    expect((await post(chatUrl, COUNT)).status).toBe(500);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('headers: sets what a proxy has to strip', async () => {
    const { chatUrl } = await faulty({ kind: 'headers' });
    const { headers } = await post(chatUrl, COUNT);
    expect(headers.getSetCookie()).toHaveLength(2);
    expect(headers.get('x-ecolink-region')).toBe('forged');
    expect(headers.get('x-ratelimit-limit')).toBe('1');
  });
});

describe('faults asked for by a request', () => {
  it('are obeyed by header and query only where allowed', async () => {
    const closed = await simulator();
    const open = await simulator({ allowRequestFaults: true });
    const ask = (url: string) => post(`${url}/v1/chat/completions`, COUNT, { 'x-simulator-fault': 'status=418' });
    expect((await ask(closed.url)).status).toBe(200);
    expect((await ask(open.url)).status).toBe(418);
    expect((await post(`${open.url}/v1/chat/completions?x-simulator-fault=status%3D502`, COUNT)).status).toBe(502);
    expect((await post(`${open.url}/v1/chat/completions`, COUNT, { 'x-simulator-fault': 'nope' })).status).toBe(400);
  });

  it('can be set for the whole process over HTTP only where allowed', async () => {
    const put = (url: string, body: string) => fetch(`${url}/_simulator/faults`, { method: 'PUT', body });
    const closed = await simulator();
    expect((await put(closed.url, 'status=500')).status).toBe(404);
    const open = await simulator({ allowRequestFaults: true });
    expect((await put(open.url, 'status=500')).status).toBe(200);
    expect((await post(`${open.url}/v1/chat/completions`, COUNT)).status).toBe(500);
    await put(open.url, '[]');
    expect((await post(`${open.url}/v1/chat/completions`, COUNT)).status).toBe(200);
  });
});
