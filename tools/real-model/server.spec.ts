import { waitFor } from '@ecolink/testing';
import { createModelServer, type Embedder, type Engine, type ModelServer } from './server.mjs';

const MODEL = 'tiny:1b';
const KEY = 'pod-key';
const WAITING_MAX = 8;

let server: ModelServer | undefined;
let url: string;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('a whole answer', () => {
  it('counts what the tokenizer counts, and names the model that was asked for', async () => {
    await serve(engineSaying('Hello there'));
    const { status, body } = await chat();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: MODEL,
      choices: [{ message: { content: 'Hello there' }, finish_reason: 'stop' }],
    });
    const answerTokens = Buffer.byteLength('Hello there') + 1;
    const promptTokens = Buffer.byteLength('User: hi\nAssistant:');
    expect(body.usage).toEqual({
      prompt_tokens: promptTokens,
      completion_tokens: answerTokens,
      total_tokens: promptTokens + answerTokens,
    });
  });

  it('ends at max_tokens and says so', async () => {
    await serve(engineSaying('Hello there'));
    const { body } = await chat({ max_tokens: 5 });
    expect(body.choices[0]).toMatchObject({ message: { content: 'Hello' }, finish_reason: 'length' });
    expect(body.usage.completion_tokens).toBe(5);
  });

  it.each([
    [['there'], 'Hello '],
    ['ell', 'H'],
    [['xyz', 'o t', 'there'], 'Hell'],
  ])('ends before the stop sequence %j', async (stop, text) => {
    await serve(engineSaying('Hello there'));
    const { body } = await chat({ stop });
    expect(body.choices[0]).toMatchObject({ message: { content: text }, finish_reason: 'stop' });
  });

  it("ends where the model would go on with the user's next words", async () => {
    await serve(engineSaying(' Fine.\nUser: And you?'));
    expect((await chat()).body.choices[0].message.content).toBe('Fine.');
  });
});

describe('a stream', () => {
  it('brings the whole text in whole characters, then the reason, then the end', async () => {
    await serve(engineSaying('Zwölf 😀!'));
    const { frames, text } = await stream({});
    expect(frames.map((frame) => frame.choices[0].delta.content ?? '').join('')).toBe('Zwölf 😀!');
    expect(text).not.toContain('\uFFFD');
    expect(frames.at(0).choices[0].delta.role).toBe('assistant');
    expect(frames.at(-1).choices[0]).toEqual({ index: 0, delta: {}, finish_reason: 'stop' });
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('never shows the beginning of a stop sequence, and shows what only looked like one', async () => {
    await serve(engineSaying('one two END'));
    const { frames } = await stream({ stop: ['END', 'two three'] });
    expect(frames.map((frame) => frame.choices[0].delta.content ?? '').join('')).toBe('one two ');
  });

  it('has a frame with usage and no choices when it was asked for, and otherwise none', async () => {
    await serve(engineSaying('Hello'));
    expect((await stream({})).frames.every((frame) => frame.choices.length === 1)).toBe(true);
    const asked = await stream({ stream_options: { include_usage: true } });
    expect(asked.frames.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 6 } });
  });
});

describe('the queue', () => {
  it('answers one call at a time, lets eight wait, and sends the next away', async () => {
    const gate = Promise.withResolvers<undefined>();
    const engine = engineSaying('ok', gate.promise);
    await serve(engine);
    const calls = Array.from({ length: WAITING_MAX + 2 }, () => chat());
    const refused = await Promise.race(calls);
    expect(refused.status).toBe(503);
    expect(refused.body.error.code).toBe('server_busy');
    gate.resolve(undefined);
    const statuses = (await Promise.all(calls)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array<number>(WAITING_MAX + 1).fill(200), 503]);
    expect(engine.runningMax()).toBe(1);
  });

  it('frees the model at once when the caller hangs up', async () => {
    const engine = engineSaying('x'.repeat(200), undefined, 5);
    await serve(engine);
    const gone = new AbortController();
    const response = await open({ stream: true }, gone.signal);
    await response.body?.getReader().read();
    gone.abort();
    await waitFor(() => engine.running() === 0, { timeoutMs: 30_000, what: 'the generation to end' });
    expect(engine.produced()).toBeLessThan(150);
    expect((await chat({ max_tokens: 1 })).status).toBe(200);
  });
});

describe('refusals', () => {
  it.each([
    [404, 'model_not_found', { model: 'other' }],
    [400, 'invalid_request', { messages: [] }],
    [400, 'invalid_request', { messages: [{ role: 'robot', content: 'hi' }] }],
    [400, 'invalid_request', { max_tokens: 0 }],
    [400, 'invalid_request', { stop: [''] }],
    [400, 'unsupported_parameter', { tools: [{}] }],
    [400, 'unsupported_parameter', { n: 2 }],
  ])('answers %i %s to %j', async (status, code, fields) => {
    await serve(engineSaying('Hello'));
    const answer = await chat(fields);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('answers 400 to a prompt that leaves no room for an answer', async () => {
    await serve(engineSaying('Hello'));
    const answer = await chat({ messages: [{ role: 'user', content: 'long '.repeat(500) }] });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'context_length_exceeded']);
  });

  it('asks for its key everywhere but for its health', async () => {
    await serve(engineSaying('Hello'), KEY);
    expect((await chat()).status).toBe(401);
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
    expect((await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${KEY}` } })).status).toBe(200);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('answers 500 when the model fails before its first word', async () => {
    await serve({
      ...engineSaying(''),
      async *generate() {
        throw new Error('broken');
      },
    });
    const answer = await chat({ stream: true });
    expect([answer.status, answer.body.error.code]).toEqual([500, 'internal_error']);
  });
});

describe('embeddings', () => {
  const embed = async (fields: object) => {
    const body = JSON.stringify({ model: 'sentences', input: ['a', 'bcd'], ...fields });
    const headers = { 'content-type': 'application/json', connection: 'close' };
    const response = await fetch(`${url}/v1/embeddings`, { method: 'POST', headers, body });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const serveBoth = () =>
    serve(engineSaying(''), undefined, {
      dimensions: 2,
      countTokens: (text) => text.length,
      embed: (texts) => Promise.resolve(texts.map((text) => [text.length, 0.5])),
    });

  it('are counted by their own tokenizer and come as numbers or as packed floats', async () => {
    await serveBoth();
    expect((await embed({})).body).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [1, 0.5] },
        { object: 'embedding', index: 1, embedding: [3, 0.5] },
      ],
      model: 'sentences',
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    const { body } = await embed({ input: 'bcd', encoding_format: 'base64' });
    expect([...new Float32Array(new Uint8Array(Buffer.from(body.data[0].embedding, 'base64')).buffer)]).toEqual([3, 0.5]);
  });

  it.each([
    [{ model: MODEL }, 404, 'model'],
    [{ input: [] }, 400, 'input'],
    [{ input: [[1, 2]] }, 400, 'input'],
    [{ input: Array(257).fill('a') }, 400, 'input'],
    [{ encoding_format: 'int8' }, 400, 'encoding_format'],
    [{ dimensions: 1 }, 400, 'dimensions'],
  ])('refuse %j', async (fields, status, param) => {
    await serveBoth();
    expect(await embed(fields)).toMatchObject({ status, body: { error: { param } } });
  });

  it('are not there where no such model is served', async () => {
    await serve(engineSaying(''));
    expect((await embed({})).status).toBe(404);
  });
});

interface CountingEngine extends Engine {
  running(): number;
  runningMax(): number;
  produced(): number;
}

/** Says the text byte by byte: a token is a byte, and 256 the end. */
function engineSaying(text: string, gate: Promise<undefined> = Promise.resolve(undefined), pauseMs = 0): CountingEngine {
  let running = 0;
  let runningMax = 0;
  let produced = 0;
  return {
    contextTokens: 1024,
    tokenize: (words) => [...Buffer.from(words)],
    textOf: (tokens) => Buffer.from(tokens).toString('utf8'),
    async *generate(_prompt, { signal }) {
      running += 1;
      runningMax = Math.max(runningMax, running);
      try {
        await gate;
        for (const token of [...Buffer.from(text), 256]) {
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
          if (signal.aborted) return;
          produced += 1;
          yield { token, ends: token === 256 };
        }
      } finally {
        running -= 1;
      }
    },
    running: () => running,
    runningMax: () => runningMax,
    produced: () => produced,
  };
}

async function serve(engine: Engine, apiKey?: string, embedder?: Embedder): Promise<void> {
  const embeddings = embedder === undefined ? {} : { embedder, embeddingModelName: 'sentences' };
  server = createModelServer({ engine, modelName: MODEL, apiKey, log: () => undefined, ...embeddings });
  url = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
}

function open(fields: object, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'hi' }], ...fields });
  // A connection of its own, so that closing the server never waits for one that is kept alive.
  const headers = { 'content-type': 'application/json', connection: 'close' };
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body, ...(signal === undefined ? {} : { signal }) });
}

async function chat(fields: object = {}) {
  const response = await open(fields);
  return { status: response.status, body: JSON.parse(await response.text()) };
}

async function stream(fields: object) {
  const text = await (await open({ stream: true, ...fields })).text();
  const frames = text
    .split('\n\n')
    .flatMap((frame) => (frame.startsWith('data: {') ? [JSON.parse(frame.slice('data: '.length))] : []));
  return { text, frames };
}
