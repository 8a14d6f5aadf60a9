import type { UsageRecorded } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { type GatewayAnswer, RouterFixture, type StubGateway } from './support/router-fixture.js';

let fixture: RouterFixture;
let mv: StubGateway;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  mv = await fixture.addRegion('mv');
  fixture.addInstance(1, ['mv'], { served_model_name: 'served' });
  fixture.addInstance(2, ['mv'], { category: 'reranker', model_name: 'my-reranker' });
  fixture.addInstance(3, ['mv'], { category: 'image', model_name: 'my-painter' });
});

afterAll(() => fixture.close());

const json =
  (body: unknown, status = 200): GatewayAnswer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const stream =
  (...frames: string[]): GatewayAnswer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const frame of frames) response.write(frame);
    response.end();
  };

const event = (data: { readonly type: string; readonly [field: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fixture.call(path, { body: JSON.stringify(body), headers });
  const requestId = String(answer.headers['x-ecolink-request-id']);
  return { ...answer, json: (): unknown => JSON.parse(answer.text), requestId };
}

function unitsOf(requestId: string): Promise<UsageRecorded> {
  return waitFor(() => fixture.plane.usage.find((usage) => usage.request_id === requestId), {
    timeoutMs: 20_000,
    what: 'the usage record',
  });
}

describe('/v1/responses', () => {
  const usage = { input_tokens: 11, output_tokens: 7, input_tokens_details: { cached_tokens: 4 } };
  const delta = event({ type: 'response.output_text.delta', delta: 'Hello', sequence_number: 4 });

  it('is billed as its usage says, with the model renamed and nothing else', async () => {
    mv.answer = json({ id: 'resp_1', output: [], usage });
    const answer = await post('/v1/responses', { model: 'my-llama:1', input: 'Hi', store: false });
    expect(answer.status).toBe(200);
    expect(mv.seen.at(-1)).toMatchObject({ path: '/v1/responses', body: '{"model":"served","input":"Hi","store":false}' });
    expect((await unitsOf(answer.requestId)).units).toMatchObject({ input_tokens: 11, cached_input_tokens: 4, output_tokens: 7 });
  });

  it('streams every frame as it came, ends without [DONE], and takes usage from the last event', async () => {
    const frames = [
      event({ type: 'response.created', response: { id: 'r' }, sequence_number: 0 }),
      delta,
      event({ type: 'response.completed', response: { id: 'r', usage }, sequence_number: 5 }),
    ];
    mv.answer = stream(...frames);
    const answer = await post('/v1/responses', { model: 'my-llama:1', input: 'Hi', stream: true });
    expect(answer.text).toBe(frames.join(''));
    expect(mv.seen.at(-1)?.body).not.toContain('stream_options');
    expect(await unitsOf(answer.requestId)).toMatchObject({
      outcome: 'completed',
      units: { output_tokens: 7 },
      estimated: false,
    });
  });

  it('ends a cut stream with an event of its own shape, numbered on, that bills what came', async () => {
    mv.answer = stream(delta);
    const answer = await post('/v1/responses', { model: 'my-llama:1', input: 'Hi', stream: true });
    expect(answer.text.startsWith(delta)).toBe(true);
    expect(answer.text).toContain('event: error\ndata: {"type":"error","code":"upstream_error"');
    expect(answer.text).toContain('"sequence_number":5');
    expect(await unitsOf(answer.requestId)).toMatchObject({ outcome: 'upstream_cut', estimated: true, billable: true });
  });

  it('passes a failed answer’s last event on as it is', async () => {
    const failed = event({ type: 'response.failed', response: { error: { code: 'server_error' } }, sequence_number: 5 });
    mv.answer = stream(delta, failed);
    const answer = await post('/v1/responses', { model: 'my-llama:1', input: 'Hi', stream: true });
    expect(answer.text).toBe(delta + failed);
    expect((await unitsOf(answer.requestId)).outcome).toBe('upstream_error');
  });

  it('stores none, and says so', async () => {
    const answer = await fixture.call('/v1/responses/resp_1');
    expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('not stored')]);
  });
});

describe('/v1/messages', () => {
  const start = event({
    type: 'message_start',
    message: { usage: { input_tokens: 10, cache_read_input_tokens: 30, output_tokens: 1 } },
  });
  const delta = event({ type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hello' } });

  it('takes the key from x-api-key and keeps it from the pod', async () => {
    mv.answer = json({ type: 'message', content: [], usage: { input_tokens: 3, output_tokens: 2 } });
    const body = JSON.stringify({ model: 'my-llama:1', max_tokens: 5, messages: [] });
    const headers = { 'x-api-key': fixture.key, 'anthropic-version': '2023-06-01' };
    const answer = await fetch(`http://127.0.0.1:${fixture.port}/v1/messages`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    expect(mv.seen.at(-1)?.headers).toMatchObject({ 'anthropic-version': '2023-06-01' });
    expect(JSON.stringify(mv.seen.at(-1)?.rawHeaders)).not.toContain(fixture.key);
  });

  it('counts cached tokens as part of the input, and the last usage of a stream', async () => {
    const frames = [
      start,
      delta,
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }),
      event({ type: 'message_stop' }),
    ];
    mv.answer = stream(...frames);
    const answer = await post('/v1/messages', { model: 'my-llama:1', max_tokens: 50, messages: [], stream: true });
    expect(answer.text).toBe(frames.join(''));
    expect((await unitsOf(answer.requestId)).units).toEqual({
      requests: 1,
      input_tokens: 40,
      cached_input_tokens: 30,
      output_tokens: 9,
    });
  });

  it('ends a cut stream with Anthropic’s error event', async () => {
    mv.answer = stream(start, delta);
    const answer = await post('/v1/messages', { model: 'my-llama:1', max_tokens: 50, messages: [], stream: true });
    expect(answer.text).toContain('event: error\ndata: {"type":"error","error":{"type":"api_error"');
  });

  it('words every refusal as Anthropic does', async () => {
    const unknown = await post('/v1/messages', { model: 'nobody:9', messages: [] });
    expect([unknown.status, unknown.json()]).toEqual([
      404,
      { type: 'error', error: expect.objectContaining({ type: 'not_found_error', code: 'model_not_found' }) as unknown },
    ]);
    const keyless = await fetch(`http://127.0.0.1:${fixture.port}/v1/messages`, { method: 'POST', body: '{}' });
    expect(await keyless.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
  });

  it('tells an error that comes before any frame as an HTTP error', async () => {
    mv.answer = stream(event({ type: 'error', error: { type: 'overloaded_error', message: 'busy' } }));
    const answer = await post('/v1/messages', { model: 'my-llama:1', messages: [], stream: true });
    expect([answer.status, answer.json()]).toEqual([
      529,
      { type: 'error', error: { type: 'overloaded_error', message: 'busy' } },
    ]);
  });

  it('counts tokens where the pod can, for no more than the request', async () => {
    mv.answer = json({ input_tokens: 2095 });
    const answer = await post('/v1/messages/count_tokens', { model: 'my-llama:1', messages: [{ role: 'user', content: 'Hi' }] });
    expect(answer.json()).toEqual({ input_tokens: 2095 });
    expect((await unitsOf(answer.requestId)).units).toEqual({ requests: 1 });
  });
});

describe('/v1/rerank', () => {
  const results = [{ index: 0, relevance_score: 0.9 }];
  const body = { model: 'my-reranker:2', query: 'four', documents: ['eight888'] };

  it.each([
    ['Jina’s', { results, usage: { total_tokens: 15 } }, 15],
    ['Cohere’s', { results, meta: { tokens: { input_tokens: 12 } } }, 12],
  ])('is billed for the input that %s answer reports', async (_whose, given, tokens) => {
    mv.answer = json(given);
    const answer = await post('/v1/rerank', body);
    expect(answer.json()).toEqual(given);
    expect(await unitsOf(answer.requestId)).toMatchObject({
      units: { requests: 1, input_tokens: tokens, output_tokens: 0 },
      estimated: false,
    });
  });

  it('is served to Cohere’s second version, too', async () => {
    mv.answer = json({ results });
    expect((await post('/v2/rerank', body)).status).toBe(200);
    expect(mv.seen.at(-1)?.path).toBe('/v2/rerank');
  });

  it('refuses a model of another category, and says which it is', async () => {
    const answer = await post('/v1/rerank', { ...body, model: 'my-llama:1' });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('wrong_category')]);
    expect(answer.text).toContain('chat');
  });
});

describe('/v1/images/generations', () => {
  it('is billed for the images that were made, however large', async () => {
    const data = [{ b64_json: 'a'.repeat(100_000) }, { url: 'x,y]"' }];
    mv.answer = json({ created: 1, data });
    const answer = await post('/v1/images/generations', { model: 'my-painter:3', prompt: 'four', n: 4 });
    expect((answer.json() as { data: unknown }).data).toEqual(data);
    expect((await unitsOf(answer.requestId)).units).toMatchObject({ requests: 1, images: 2 });
  });

  it('counts an image of a stream once, when it is complete', async () => {
    const frames = [
      event({ type: 'image_generation.partial_image', b64_json: 'aaaa' }),
      event({ type: 'image_generation.completed', b64_json: 'aaaa', usage: { input_tokens: 5, output_tokens: 100 } }),
    ];
    mv.answer = stream(...frames);
    const answer = await post('/v1/images/generations', { model: 'my-painter:3', prompt: 'x', stream: true });
    expect(answer.text).toBe(frames.join(''));
    expect((await unitsOf(answer.requestId)).units).toMatchObject({ images: 1, input_tokens: 5, output_tokens: 100 });
  });
});
