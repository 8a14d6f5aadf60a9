import { createHash } from 'node:crypto';
import { countTokens } from '../src/index.js';
import { chat, closeSimulators, eventually, framesOf, post, simulator } from './simulator.js';

afterEach(closeSimulators);

describe('/generate', () => {
  it.each(['chat', 'embedding', 'custom'] as const)('exists in category %s', async (category) => {
    const { url } = await simulator({ category });
    const answer = (await (await post(`${url}/generate`, { prompt: 'Hello', max_tokens: 7 })).json()) as { text: string };
    expect(answer).toEqual({ text: expect.any(String), tokens: 7, finish_reason: 'length' });
    expect(countTokens(answer.text)).toBe(7);
  });

  it('streams NDJSON, or SSE where the client accepts it', async () => {
    const { url } = await simulator({ category: 'custom' });
    const body = { prompt: 'Hello', max_tokens: 2, stream: true };
    const lines = (await (await post(`${url}/generate`, body)).text()).trim().split('\n');
    const expected = [{ token: 'I' }, { token: ' am' }, { done: true, tokens: 2, finish_reason: 'length' }];
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(expected);
    const events = framesOf(await (await post(`${url}/generate`, body, { accept: 'text/event-stream' })).text());
    expect(events).toEqual([...expected, '[DONE]']);
  });

  it('of a custom instance echoes any other method, path, query, header and body as received', async () => {
    const { url } = await simulator({ category: 'custom' });
    const body = Buffer.from([0, 255, 1]);
    const response = await fetch(`${url}/generate/a%2Fb//c?x=1&x=%20`, { method: 'PATCH', body, headers: { 'X-Mixed': 'a,b' } });
    expect(await response.json()).toMatchObject({
      method: 'PATCH',
      path: '/generate/a%2Fb//c',
      query: 'x=1&x=%20',
      headers: expect.arrayContaining([['X-Mixed', 'a,b']]) as unknown,
      body: { bytes: 3, sha256: createHash('sha256').update(body).digest('hex') },
    });
    expect(await (await fetch(`${url}/generate`)).json()).toMatchObject({ method: 'GET', path: '/generate' });
  });
});

describe('categories', () => {
  it('serve only their own OpenAI endpoints, and say which category has the others', async () => {
    const { url } = await simulator({ category: 'embedding' });
    const response = await post(`${url}/v1/chat/completions`, chat('a'));
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('--category chat');
    expect((await fetch(`${url}/v1/embeddings`)).status).toBe(405);
  });
});

describe('timing', () => {
  it('sends the first token inside the TTFT range and the last when the rate says', async () => {
    const { url } = await simulator({ ttftMs: { min: 40, max: 60 }, tokensPerSecond: 100 });
    const tookMs: number[] = [];
    // A machine that is busy for a moment has its say in one try, not in all.
    while (tookMs.length < 3 && !tookMs.some((ms) => ms < 1_000)) {
      const startedAt = performance.now();
      await (await post(`${url}/v1/chat/completions`, chat('Hello', { max_tokens: 11, stream: true }))).text();
      tookMs.push(performance.now() - startedAt);
    }
    for (const ms of tookMs) expect(ms).toBeGreaterThanOrEqual(140);
    expect(Math.min(...tookMs)).toBeLessThan(1_000);
  });
});

describe('a client that goes away', () => {
  it('ends the generation at once and is recorded with the time', async () => {
    const started = await simulator({ tokensPerSecond: 50 });
    const abort = new AbortController();
    const body = JSON.stringify(chat('Hello', { stream: true, ignore_eos: true, max_tokens: 5000 }));
    const response = await fetch(`${started.url}/v1/chat/completions`, { method: 'POST', body, signal: abort.signal });
    await response.body?.getReader().read();
    await eventually(() => (started.requests()[0]?.tokensProduced ?? 0) > 0);
    const abortedAtMs = Date.now();
    abort.abort();
    await eventually(() => started.requests()[0]?.outcome === 'aborted');
    const recorded = started.requests()[0];
    expect((recorded?.abortedAtMs ?? 0) - abortedAtMs).toBeLessThan(2000);
    expect(started.stats()).toMatchObject({ aborted: 1, inFlight: 0, paths: { '/v1/chat/completions': { aborted: 1 } } });
    expect(recorded?.tokensProduced).toBeLessThan(100);
  });

  it('that does not read is waited for, instead of buffering the answer', async () => {
    const started = await simulator();
    const body = JSON.stringify(chat('Hello', { stream: true, ignore_eos: true, max_tokens: 32_768, n: 16 }));
    const response = await fetch(`${started.url}/v1/chat/completions`, { method: 'POST', body });
    let before = -1;
    // Production stops once the kernel's buffers are full: two looks 100 ms apart see the same count.
    for (let look = 0; look < 50 && before !== started.requests()[0]?.tokensProduced; look += 1) {
      before = started.requests()[0]?.tokensProduced ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(32_768 * 16);
    expect(started.requests()[0]?.outcome).toBe('running');
    await response.body?.cancel();
  });
});

describe('life cycle', () => {
  it('while loading neither health nor models nor inference is there', async () => {
    const { url } = await simulator({ startupMs: 3_600_000 });
    const statuses = await Promise.all([
      fetch(`${url}/health`),
      fetch(`${url}/v1/models`),
      post(`${url}/v1/chat/completions`, chat('a')),
    ]);
    expect(statuses.map((response) => response.status)).toEqual([503, 503, 503]);
  });

  it('drain finishes what runs, refuses what comes, and ends kept connections', async () => {
    const started = await simulator({ tokensPerSecond: 100 });
    const url = `${started.url}/v1/chat/completions`;
    const response = await post(url, chat('Count to 5', { stream: true }));
    const drained = started.drain(10_000);
    await expect(post(url, chat('late'))).rejects.toThrow();
    expect(await response.text()).toContain('[DONE]');
    expect(await drained).toBe(0);
  });

  it('drain cuts what is still running when its time is over, and says how many', async () => {
    const started = await simulator({ faults: [{ kind: 'hang-before-headers' }] });
    const pending = post(`${started.url}/v1/chat/completions`, chat('a'));
    const failed = expect(pending).rejects.toThrow();
    await eventually(() => started.stats().inFlight === 1);
    expect(await started.drain(20)).toBe(1);
    await failed;
  });

  it('the request log is bounded and holds what reached the pod', async () => {
    const started = await simulator({ recordedRequestsMax: 2, recordedBodyBytesMax: 5 });
    for (const content of ['a', 'b', 'c']) await post(`${started.url}/v1/chat/completions`, chat(content), { 'x-test': content });
    const recorded = started.requests();
    expect(recorded.map((request) => request.sequence)).toEqual([2, 3]);
    expect(recorded[1]).toMatchObject({ bodyText: '{"mod', status: 200, outcome: 'completed' });
    expect(recorded[1]?.headers).toContainEqual(['x-test', 'c']);
    expect(started.stats().requests).toBe(3);
  });

  it('stats count by path, and looking at them counts nothing', async () => {
    const { url } = await simulator();
    await fetch(`${url}/nowhere`);
    await post(`${url}/echo/1`, 'x');
    await fetch(`${url}/_simulator/stats`);
    expect(await (await fetch(`${url}/_simulator/stats`)).json()).toMatchObject({
      requests: 2,
      inFlight: 0,
      paths: { other: { requests: 1, byStatus: { 404: 1 } }, '/echo/*': { requests: 1, byStatus: { 200: 1 } } },
    });
  });
});
