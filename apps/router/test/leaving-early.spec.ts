import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { UsageRecorded } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { answerOk, type GatewayAnswer, RouterFixture, type StubGateway } from './support/router-fixture.js';

const LEFT_USAGE_TIMEOUT_MS = 2_000;
/** vLLM takes about so long from the last token to its usage frame. */
const USAGE_DELAY_MS = 150;

let fixture: RouterFixture;
let gateway: StubGateway;
let model: string;
let customModel: string;

beforeAll(async () => {
  fixture = await RouterFixture.start({ leftUsageTimeoutMs: LEFT_USAGE_TIMEOUT_MS });
  gateway = await fixture.addRegion('mv');
  model = fixture.addInstance(1, ['mv']);
  customModel = fixture.addInstance(2, ['mv'], { openai_compatible: false, custom_api_path: 'generate' });
});

afterAll(() => fixture.close());

const TEN_TOKENS = 'data: {"choices":[{"index":0,"delta":{"content":"1234567890"}}]}\n\n';
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":5000,"completion_tokens":40}}\n\n';
const DONE = 'data: [DONE]\n\n';
const COUNTED = { requests: 1, input_tokens: 5_000, output_tokens: 40 };

/** When the router has seen its next client go. */
function nextGone(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = fixture.router.app.getHttpServer() as Server;
  server.once('connection', (socket: Socket) => {
    for (const event of ['end', 'close']) socket.once(event, () => setImmediate(resolve));
  });
  return promise;
}

type WhenUsage = 'at once' | 'a moment after its client has left' | 'never';

function stream(frames: string, when: WhenUsage): GatewayAnswer {
  const gone = when === 'a moment after its client has left' ? nextGone() : undefined;
  return (response) => {
    response.on('error', () => undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames);
    const end = () => response.end(USAGE + DONE);
    if (when === 'at once') setImmediate(end);
    void gone?.then(() => delay(USAGE_DELAY_MS)).then(end);
  };
}

type Leave = (response: IncomingMessage) => unknown;
const byFin: Leave = (response) => response.socket.end();
const byReset: Leave = (response) => response.socket.resetAndDestroy();

async function recordOfLast(seenBefore: number): Promise<UsageRecorded> {
  return await waitFor(() => fixture.plane.usage[seenBefore], { timeoutMs: 45_000, what: 'usage to be published' });
}

/** A call whose client leaves when this text has come. */
async function leaveAt(text: string, body: Record<string, unknown>, leave: Leave): Promise<UsageRecorded> {
  const seenBefore = fixture.plane.usage.length;
  const response = await fixture.begin('/v1/chat/completions', {
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'x'.repeat(400) }], ...body }),
  });
  response.on('error', () => undefined);
  let received = '';
  response.on('data', (chunk: Buffer) => (received += chunk.toString()));
  await waitFor(() => (received.includes(text) ? true : undefined), { timeoutMs: 45_000, what: text });
  leave(response);
  return await recordOfLast(seenBefore);
}

describe.each([
  ['a FIN', byFin],
  ['a reset', byReset],
])('a client that leaves by %s', (_how, leave) => {
  it('after the last token pays what its pod reports a moment later', async () => {
    gateway.answer = stream(TEN_TOKENS + FINISH, 'a moment after its client has left');
    const usage = await leaveAt('finish_reason":"stop', {}, leave);
    expect(usage).toMatchObject({ outcome: 'client_aborted', estimated: false, billable: true, units: COUNTED });
  });

  it('after the usage frame pays what its pod reported', async () => {
    gateway.answer = (response) => {
      response.on('error', () => undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(TEN_TOKENS + FINISH + USAGE);
    };
    const usage = await leaveAt('"usage"', { stream_options: { include_usage: true } }, leave);
    expect(usage).toMatchObject({ outcome: 'client_aborted', estimated: false, units: COUNTED });
  });

  it('at the last byte pays what its pod reported', async () => {
    gateway.answer = stream(TEN_TOKENS + FINISH, 'at once');
    const usage = await leaveAt('[DONE]', {}, leave);
    expect(usage).toMatchObject({ outcome: 'completed', estimated: false, units: COUNTED });
  });

  it('in the middle pays its prompt and what was delivered, and its pod is let go at once', async () => {
    let podClosed = false;
    gateway.answer = (response) => {
      response.on('close', () => (podClosed = true));
      stream(TEN_TOKENS + TEN_TOKENS, 'never')(response, undefined as never, undefined as never);
    };
    const usage = await leaveAt(TEN_TOKENS + TEN_TOKENS, {}, leave);
    expect(usage).toMatchObject({
      outcome: 'client_aborted',
      estimated: true,
      billable: true,
      units: { input_tokens: 100, output_tokens: 5 },
    });
    await waitFor(() => (podClosed ? true : undefined), { timeoutMs: 45_000, what: 'the pod to be let go' });
  });

  it('after the last token of a pod that reports nothing in time pays what was delivered', async () => {
    gateway.answer = stream(TEN_TOKENS + FINISH, 'never');
    const usage = await leaveAt('finish_reason":"stop', { tools: [{ function: { description: 'y'.repeat(20_000) } }] }, leave);
    expect(usage).toMatchObject({ outcome: 'client_aborted', estimated: true, units: { output_tokens: 3 } });
    expect(usage.units.input_tokens).toBeGreaterThan(5_000);
  });
});

/** A call that never gets the head of its answer: its client leaves when the pod has it. */
async function leaveBeforeHeaders(target: string, body: string, answer: GatewayAnswer): Promise<UsageRecorded> {
  const seenBefore = fixture.plane.usage.length;
  const controller = new AbortController();
  gateway.answer = (response, seen, request) => {
    answer(response, seen, request);
    controller.abort();
  };
  await fixture.begin(target, { body }, { signal: controller.signal }).catch(() => undefined);
  return await recordOfLast(seenBefore);
}

const WHOLE = JSON.stringify({
  choices: [{ message: { content: 'done' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5_000, completion_tokens: 40 },
});

/** Another call went through the router: it has read what was written to it before. */
const hasTakenWhatCame = () => fixture.call('/v1/models');

describe('a client that leaves before an answer began', () => {
  const body = (): string => JSON.stringify({ model, messages: [{ role: 'user', content: 'x'.repeat(400) }] });

  it('pays its prompt where its pod was at work', async () => {
    const usage = await leaveBeforeHeaders('/v1/chat/completions', body(), () => undefined);
    expect(usage).toMatchObject({ outcome: 'client_aborted', billable: true, units: { input_tokens: 100, output_tokens: 0 } });
  });

  it('pays what its pod counted where the whole answer was on its way', async () => {
    const seenBefore = fixture.plane.usage.length;
    const controller = new AbortController();
    const gone = nextGone();
    gateway.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': WHOLE.length }).write(WHOLE.slice(0, 10));
      void gone.then(() => delay(USAGE_DELAY_MS)).then(() => response.end(WHOLE.slice(10)));
      void hasTakenWhatCame().then(() => controller.abort());
    };
    await fixture.begin('/v1/chat/completions', { body: body() }, { signal: controller.signal }).catch(() => undefined);
    expect(await recordOfLast(seenBefore)).toMatchObject({ outcome: 'client_aborted', estimated: false, units: COUNTED });
  });

  it('pays its prompt where the rest of the answer does not come in time', async () => {
    const seenBefore = fixture.plane.usage.length;
    const controller = new AbortController();
    gateway.answer = (response) => {
      response.on('error', () => undefined);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': WHOLE.length }).write(WHOLE.slice(0, 10));
      void hasTakenWhatCame().then(() => controller.abort());
    };
    await fixture.begin('/v1/chat/completions', { body: body() }, { signal: controller.signal }).catch(() => undefined);
    expect(await recordOfLast(seenBefore)).toMatchObject({ estimated: true, units: { input_tokens: 100, output_tokens: 0 } });
  });

  it('pays the request where a custom instance was at work', async () => {
    const target = `/inference-instances/${customModel.split(':')[1]}/proxy/generate`;
    const usage = await leaveBeforeHeaders(target, '{}', () => undefined);
    expect(usage).toMatchObject({ outcome: 'client_aborted', billable: true, units: { requests: 1 } });
  });

  it('pays nothing where the call was never sent', async () => {
    const seenBefore = fixture.plane.usage.length;
    const unserved = fixture.addInstance(3, []);
    await fixture.chat(unserved);
    gateway.answer = answerOk;
    const { headers } = await fixture.chat(model);
    const usage = await recordOfLast(seenBefore);
    expect(usage.request_id).toBe(headers['x-ecolink-request-id']);
  });
});

describe('a call that its pod fails before any output', () => {
  it.each([
    ['by a status', (response: ServerResponse) => response.writeHead(400).end('{}')],
    ['by an error in the stream', stream('data: {"error":{"message":"out of memory"}}\n\n', 'never')],
    [
      'by a cut',
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hi\n\n', () => response.destroy()),
    ],
  ])('costs nothing: %s', async (_how, answer) => {
    const seenBefore = fixture.plane.usage.length;
    gateway.answer = answer;
    await fixture.chat(model, { stream: true });
    expect((await recordOfLast(seenBefore)).billable).toBe(false);
  });
});
