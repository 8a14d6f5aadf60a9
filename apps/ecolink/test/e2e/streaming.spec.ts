import { jest } from '@jest/globals';
import { type Fault, type ModelSimulator, splitTokens, startModelSimulator } from '@ecolink/model-simulator';
import {
  type Customer,
  type LaunchedInstance,
  mustSucceed,
  newCustomer,
  openProduct,
  type OpenProduct,
  podAddress,
  type ProductClient,
  waitFor,
} from '@ecolink/testing';
import OpenAI from 'openai';
import { expectRefusal } from './support/expect-refusal.js';
import { parseStream, readStream, readUntil, type StreamRead } from './support/read-stream.js';

let opened: OpenProduct;
let product: ProductClient;
let customer: Customer;
let pod: ModelSimulator;
let instance: LaunchedInstance;
let slowPod: ModelSimulator;
let slow: LaunchedInstance;

const SETUP_TIMEOUT_MS = 240_000;
/** For what comes at once on a machine that has nothing else to do. */
const PATIENCE_MS = 45_000;
const PRICES = { input_nano_usd_per_1m_tokens: '1000000000', output_nano_usd_per_1m_tokens: '2000000000' };
const IN_PRICE = 1_000n;
const OUT_PRICE = 2_000n;

beforeAll(async () => {
  opened = await openProduct();
  ({ product } = opened);
  await mustSucceed(product.admin('PUT', '/plans/e2e-streaming', { requests_per_minute: 100_000 }));
  customer = await newCustomer(product, { plan: 'e2e-streaming' });
  pod = await startModelSimulator({ ...podAddress(), model: 'quick', ttftMs: 1, tokensPerSecond: 0 });
  slowPod = await startModelSimulator({ ...podAddress(), model: 'slow', ttftMs: 1, tokensPerSecond: 50 });
  [instance, slow] = await Promise.all([
    customer.launchAndWait([{ region: 'mv', url: pod.url }], { servedModelName: 'quick', prices: PRICES }),
    customer.launchAndWait([{ region: 'ga', url: slowPod.url }], { servedModelName: 'slow', prices: PRICES }),
  ]);
}, SETUP_TIMEOUT_MS);

jest.setTimeout(180_000);
afterEach(() => pod?.setFault());

afterAll(async () => {
  await pod?.close();
  await slowPod?.close();
  await opened?.close();
}, SETUP_TIMEOUT_MS);

function costOf(units: { input_tokens: number; output_tokens: number }): string {
  return String(BigInt(units.input_tokens) * IN_PRICE + BigInt(units.output_tokens) * OUT_PRICE);
}

function requestIdOf(response: Response): string {
  const id = response.headers.get('x-ecolink-request-id');
  if (id === null) throw new Error('an answer without a request id');
  return id;
}

describe('a stream', () => {
  it('ends with [DONE], has no frame without choices, and says what the pod says in one piece', async () => {
    const response = await customer.openChat(instance.model, { stream: true });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('x-ecolink-region')).toBe('mv');
    const { frames, isDone, content } = await readStream(response);
    expect(isDone).toBe(true);
    expect(frames.filter(({ choices }) => choices.length === 0)).toEqual([]);
    const { body } = await customer.chat(instance.model);
    expect(content).toBe(body.choices[0].message.content);
  });

  it('has the usage frame for a client that asks for it', async () => {
    const { frames, isDone } = await readStream(
      await customer.openChat(instance.model, { stream: true, stream_options: { include_usage: true } }),
    );
    const withoutChoices = frames.filter(({ choices }) => choices.length === 0);
    expect(withoutChoices).toHaveLength(1);
    expect(withoutChoices[0].usage.completion_tokens).toBeGreaterThan(0);
    expect(isDone).toBe(true);
  });

  it('is what the official SDK reads, chat and completions', async () => {
    const client = new OpenAI({ apiKey: customer.key, baseURL: product.credentials.api_base_url, maxRetries: 0 });
    let said = '';
    for await (const chunk of await client.chat.completions.create({
      model: instance.model,
      stream: true,
      messages: [{ role: 'user', content: 'Count to 3' }],
    })) {
      const [choice] = chunk.choices;
      if (choice === undefined) throw new Error('a chunk without choices');
      said += choice.delta.content ?? '';
    }
    expect(said).toMatch(/1, 2, 3\.$/);
    let written = '';
    for await (const chunk of await client.completions.create({ model: instance.model, stream: true, prompt: 'Count to 3' }))
      written += chunk.choices[0]?.text ?? '';
    expect(written).toMatch(/1, 2, 3\.$/);
  });

  it('loses nothing of an answer that comes all at once, again and again', async () => {
    const expected = (await readStream(await customer.openChat(instance.model, { stream: true }))).content;
    for (let index = 0; index < 150; index += 1) {
      const { content, isDone } = await readStream(await customer.openChat(instance.model, { stream: true }));
      expect([content, isDone]).toEqual([expected, true]);
    }
  }, 180_000);

  it('comes token by token, while the pod still makes the rest', async () => {
    const response = await customer.openChat(slow.model, { stream: true, ignore_eos: true, max_tokens: 250 });
    const reader = response.body?.getReader();
    if (reader === undefined) throw new Error('a stream without a body');
    await readUntil(reader, (text) => parseStream(text.slice(0, text.lastIndexOf('\n\n'))).content.length > 0);
    expect(slowPod.requests().at(-1)).toMatchObject({ outcome: 'running' });
    const rest = await readUntil(reader, () => false);
    expect(rest).toMatch(/\[DONE\]\s*$/);
  });

  const ODD_BUT_LEGAL: Fault[] = [
    { kind: 'crlf' },
    { kind: 'split', bytes: 1 },
    { kind: 'split-utf8' },
    { kind: 'comments', every: 1 },
    { kind: 'empty-choices', every: 1 },
    { kind: 'oversize-frame', bytes: 1_048_576 },
  ];

  it.each(ODD_BUT_LEGAL)('survives what is odd but legal: $kind', async (fault) => {
    const body = { model: instance.model, stream: true, messages: [{ role: 'user', content: 'Grüße, 你好 🎉' }] };
    const plain = await readStream(await customer.open('/v1/chat/completions', { body }));
    await pod.setFault(fault);
    const odd = await readStream(await customer.open('/v1/chat/completions', { body }));
    expect(odd.content).toBe(plain.content);
    expect(odd.content).toContain('Grüße, 你好 🎉');
    expect(odd.isDone).toBe(true);
    expect(odd.frames.filter(({ choices }) => choices.length === 0)).toEqual([]);
  });

  it('is billed for the usage that the pod reports, as the same call without streaming', async () => {
    const stream = await customer.openChat(instance.model, { stream: true });
    await readStream(stream);
    const whole = await customer.chat(instance.model);
    const streamed = await customer.call(requestIdOf(stream));
    const { usage } = whole.body;
    expect(streamed).toMatchObject({
      outcome: 'completed',
      estimated: false,
      status: 200,
      region: 'mv',
      key_id: customer.keyId,
      units: { requests: 1, input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens },
    });
    expect(streamed.cost_nano_usd).toBe(costOf(streamed.units));
    expect((await customer.call(whole.headers.get('x-ecolink-request-id') ?? '')).units).toEqual(streamed.units);
  });

  it('works with a pod that knows no stream_options, where the instance says so, and is then estimated', async () => {
    const old = await customer.launchAndWait([{ region: 'mv', url: pod.url }], {
      servedModelName: 'quick',
      launch: { inject_stream_usage: false },
    });
    await pod.setFault({ kind: 'reject-stream-options' });
    expect((await customer.openChat(instance.model, { stream: true })).status).toBe(400);
    const response = await customer.openChat(old.model, { stream: true });
    const read = await readStream(response);
    expect(read.isDone).toBe(true);
    expect(await customer.call(requestIdOf(response))).toMatchObject({
      estimated: true,
      units: { requests: 1, output_tokens: deliveredTokens(read) },
    });
  });
});

describe('a stream that breaks', () => {
  it.each([true, false])(
    'ends with an error frame, never with [DONE], and is billed for what was delivered (reset: %s)',
    async (reset) => {
      await pod.setFault({ kind: 'cut-after-tokens', tokens: 5, reset });
      const response = await customer.openChat(instance.model, { stream: true });
      expect(response.status).toBe(200);
      const { frames, isDone, content, text } = await readStream(response);
      expect(isDone).toBe(false);
      expect(text).not.toContain('[DONE]');
      expect(frames.at(-1).error).toEqual({
        message: expect.any(String),
        type: 'server_error',
        code: 'upstream_error',
        param: null,
      });
      expect(splitTokens(content)).toHaveLength(5);
      const call = await customer.call(requestIdOf(response));
      expect(call).toMatchObject({ outcome: 'upstream_cut', estimated: true });
      expect(call.units.output_tokens).toBe(deliveredTokens({ frames, content }));
      expect(call.cost_nano_usd).toBe(costOf(call.units));
      const client = new OpenAI({ apiKey: customer.key, baseURL: product.credentials.api_base_url, maxRetries: 0 });
      const readAll = async () => {
        for await (const chunk of await client.chat.completions.create({
          model: instance.model,
          stream: true,
          messages: [{ role: 'user', content: 'Hi' }],
        }))
          expect(chunk.choices).toBeDefined();
      };
      await expect(readAll()).rejects.toThrow();
    },
  );

  it('is never continued by another pod', async () => {
    const other = await startModelSimulator({ ...podAddress(), model: 'quick', ttftMs: 1, tokensPerSecond: 0 });
    const { model } = await customer.launchAndWait(
      [
        { region: 'mv', url: pod.url },
        { region: 'ga', url: other.url },
      ],
      { servedModelName: 'quick' },
    );
    for (const cut of [pod, other]) await cut.setFault({ kind: 'cut-after-tokens', tokens: 3, reset: true });
    const before = pod.stats().requests;
    const { content, isDone } = await readStream(await customer.openChat(model, { stream: true }));
    expect([splitTokens(content).length, isDone]).toEqual([3, false]);
    const calls = [pod.requests().filter(({ sequence }) => sequence > before), other.requests()]
      .flat()
      .filter(({ method }) => method === 'POST');
    expect(calls).toHaveLength(1);
    await other.close();
  });

  it('is an HTTP error while nothing has been sent, and costs nothing', async () => {
    await pod.setFault({ kind: 'error-after-frames', frames: 0, done: true });
    const response = await customer.openChat(instance.model, { stream: true });
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
    expect(await customer.call(requestIdOf(response))).toMatchObject({ cost_nano_usd: '0' });
  });

  it("ends with the pod's error when it comes in the middle, and hides the [DONE] that the pod sends after it", async () => {
    await pod.setFault({ kind: 'error-after-frames', frames: 4, done: true });
    const { frames, isDone, content } = await readStream(await customer.openChat(instance.model, { stream: true }));
    expect(isDone).toBe(false);
    expect(frames.at(-1).error.message).toContain('failed on purpose');
    expect(content.length).toBeGreaterThan(0);
  });

  it('is a 502 when the pod goes before the first frame', async () => {
    await pod.setFault({ kind: 'cut-after-tokens', tokens: 0, reset: true });
    const response = await customer.openChat(instance.model, { stream: true });
    const requestId = requestIdOf(response);
    const text = await response.text();
    expectRefusal({ status: response.status, headers: response.headers, text, body: JSON.parse(text) }, 'upstream_error', null);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await customer.call(requestId)).toMatchObject({ cost_nano_usd: '0' });
  });
});

describe('a client that leaves', () => {
  it("ends the pod's work at once and is billed for prompt and delivered tokens, not for the rest", async () => {
    const abort = new AbortController();
    const response = await customer.openChat(slow.model, { stream: true, ignore_eos: true, max_tokens: 5_000 }, abort.signal);
    const requestId = requestIdOf(response);
    const reader = response.body?.getReader();
    if (reader === undefined) throw new Error('a stream without a body');
    const text = await readUntil(reader, (read) => read.split('\n\n').length > 10);
    abort.abort();
    await reader.cancel().catch(() => undefined);
    const record = await waitFor(() => slowPod.requests().findLast(({ outcome }) => outcome === 'aborted'), {
      timeoutMs: PATIENCE_MS,
      what: 'the pod to see the abort',
    });
    const call = await customer.call(requestId);
    expect(call).toMatchObject({ outcome: 'client_aborted', estimated: true, units: { input_tokens: expect.any(Number) } });
    const delivered = parseStream(text.slice(0, text.lastIndexOf('\n\n'))).content;
    // Between what the client read for sure and what the pod made: nothing beyond is billed.
    expect(call.units.output_tokens).toBeGreaterThanOrEqual(Math.floor(Buffer.byteLength(delivered) / 4));
    expect(call.units.output_tokens).toBeLessThanOrEqual(record.tokensProduced);
    expect(call.units.input_tokens).toBeGreaterThan(0);
    expect(call.cost_nano_usd).toBe(costOf(call.units));
  });

  it("ends the pod's work when it waits for a whole answer, too", async () => {
    const abort = new AbortController();
    const before = slowPod.stats().aborted;
    const call = customer.openChat(slow.model, { ignore_eos: true, max_tokens: 5_000 }, abort.signal).catch(() => undefined);
    await waitFor(() => slowPod.requests().at(-1)?.outcome === 'running', { timeoutMs: PATIENCE_MS, what: 'the pod to begin' });
    abort.abort();
    await call;
    await waitFor(() => slowPod.stats().aborted > before, { timeoutMs: PATIENCE_MS, what: 'the pod to see the abort' });
    const { status } = await customer.chat(slow.model, { max_tokens: 1 });
    expect(status).toBe(200);
  });
});

/** What a pod that reports no usage is billed for: four bytes a token, and never less than a token for each frame with output. */
function deliveredTokens({ frames, content }: Pick<StreamRead, 'frames' | 'content'>): number {
  const withOutput = frames.filter((frame) => (frame.choices?.[0]?.delta?.content ?? '') !== '');
  return Math.max(Math.ceil(Buffer.byteLength(content) / 4), withOutput.length);
}
