import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@ecolink/testing';
import type { UsageRecorded } from '@ecolink/contracts';
import { type GatewayAnswer, RouterFixture, type StubGateway } from './support/router-fixture.js';

const HEARTBEAT = ': ping\n\n';
const HEARTBEAT_INTERVAL_MS = 150;
const IDLE_TIMEOUT_MS = 1_500;
const TOTAL_TIMEOUT_MS = 3_000;
const HALF_A_FRAME_PAUSE_MS = 3 * HEARTBEAT_INTERVAL_MS;

let fixture: RouterFixture;
let gateway: StubGateway;
let model: string;

beforeAll(async () => {
  fixture = await RouterFixture.start({
    heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    firstByteTimeoutMs: IDLE_TIMEOUT_MS,
    totalTimeoutMs: TOTAL_TIMEOUT_MS,
  });
  gateway = await fixture.addRegion('mv');
  model = fixture.addInstance(1, ['mv']);
});

afterAll(() => fixture.close());

const frame = (text: string): string => `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}}}]}\n\n`;
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = 'data: [DONE]\n\n';

function stream(play: (response: ServerResponse) => unknown): GatewayAnswer {
  return (response) => {
    response.on('error', () => undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    return play(response);
  };
}

function usageOf(requestId: unknown): Promise<UsageRecorded> {
  const find = () => fixture.plane.usage.find((usage) => usage.request_id === requestId);
  return waitFor(find, { timeoutMs: 45_000, what: 'usage to be published' });
}

async function streamed(answer: GatewayAnswer) {
  gateway.answer = answer;
  const received = await fixture.chat(model, { stream: true });
  return { ...received, usage: await usageOf(received.headers['x-ecolink-request-id']) };
}

/** What follows the last whole frame that the pod sent: the error that ends the stream. */
function endingError(text: string): { code: string } {
  const last = text.trimEnd().split('\n\n').at(-1) ?? '';
  return JSON.parse(last.replace(/^data: /, '')).error;
}

describe('a stream whose pod falls silent', () => {
  it('ends with an error frame after the idle time, is never told to be done, and is billed for what came', async () => {
    const { status, text, usage } = await streamed(stream((response) => response.write(frame('hello'))));
    expect(status).toBe(200);
    expect(text.startsWith(frame('hello'))).toBe(true);
    expect(endingError(text).code).toBe('upstream_timeout');
    expect(text).not.toContain('[DONE]');
    expect(usage).toMatchObject({ outcome: 'upstream_cut', billable: true, estimated: true, units: { output_tokens: 2 } });
  });

  it('carries heartbeats from the pod’s headers on, and its error is then the stream’s', async () => {
    const { status, headers, text, usage } = await streamed(stream(() => undefined));
    expect([status, headers['content-type'], headers['x-accel-buffering']]).toEqual([200, 'text/event-stream', 'no']);
    expect(text.startsWith(HEARTBEAT.repeat(3))).toBe(true);
    expect(endingError(text).code).toBe('upstream_timeout');
    expect(usage).toMatchObject({ outcome: 'upstream_cut', billable: false });
  });

  it('carries no heartbeat before the pod’s headers: the time-out is an HTTP error', async () => {
    gateway.answer = () => undefined;
    const { status, headers, text } = await fixture.chat(model, { stream: true });
    expect([status, headers['x-should-retry'], JSON.parse(text).error.code]).toEqual([504, 'false', 'upstream_timeout']);
  });

  it('gets no heartbeat into the middle of a frame', async () => {
    const frames = [frame('a'), frame('b'), FINISH, DONE].join('');
    for (const cut of [5, frame('a').length - 1, frame('a').length, frame('a').length + 7]) {
      const { text } = await streamed(
        stream(async (response) => {
          response.write(frames.slice(0, cut));
          await delay(HALF_A_FRAME_PAUSE_MS);
          response.end(frames.slice(cut));
        }),
      );
      expect(text).toContain(HEARTBEAT);
      expect(text.replaceAll(HEARTBEAT, '')).toBe(frames);
      expect(text.split('\n\n').every((one) => /^(: ping|data: .*|)$/.test(one))).toBe(true);
    }
  });

  it('gets no heartbeat into a frame that is too large to be held', async () => {
    const large = `data: ${'x'.repeat(5 * 1_048_576)}\n\n`;
    const { text } = await streamed(
      stream(async (response) => {
        response.write(large.slice(0, -100));
        await delay(HALF_A_FRAME_PAUSE_MS);
        response.end(large.slice(-100) + FINISH + DONE);
      }),
    );
    expect(text === large + FINISH + DONE).toBe(true);
  });
});

describe('a stream that goes on for ever', () => {
  it('ends with an error frame when the time of a call is over, and its pod is let go', async () => {
    let podClosed = false;
    const startedAtMs = performance.now();
    const { text, usage } = await streamed(
      stream((response) => {
        const timer = setInterval(() => response.write(frame('x')), 20);
        response.on('close', () => {
          podClosed = true;
          clearInterval(timer);
        });
      }),
    );
    expect(performance.now() - startedAtMs).toBeGreaterThan(TOTAL_TIMEOUT_MS - 50);
    expect(endingError(text)).toMatchObject({ code: 'upstream_timeout', message: 'the call took longer than a call may' });
    expect(usage).toMatchObject({ outcome: 'upstream_cut', billable: true });
    await waitFor(() => podClosed, { timeoutMs: 45_000, what: 'the pod to be let go' });
  });
});

describe('an answer in one piece whose pod stops in its middle', () => {
  it('is an HTTP error: nothing of it has gone out', async () => {
    gateway.answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":[');
    const { status, text } = await fixture.chat(model);
    expect([status, JSON.parse(text).error.code]).toEqual([504, 'upstream_timeout']);
    gateway.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"choices":[');
      setImmediate(() => response.destroy());
    };
    const cut = await fixture.chat(model);
    expect([cut.status, JSON.parse(cut.text).error.code]).toEqual([502, 'upstream_error']);
  });
});

describe('an error that a pod reports inside a 200 stream', () => {
  const ERRORS: [string, string, number, string][] = [
    ['OpenAI', '{"error":{"message":"too long","type":"invalid_request_error","code":400}}', 400, 'too long'],
    [
      'vLLM',
      '{"error":{"object":"error","message":"out of memory","type":"InternalServerError","param":null,"code":500}}',
      500,
      'out of memory',
    ],
    ['SGLang', '{"object":"error","message":"aborted","type":"abort","code":503}', 503, 'aborted'],
    ['TGI', '{"error":"Request failed during generation","error_type":"generation"}', 502, 'Request failed during generation'],
  ];

  it.each(ERRORS)('is an HTTP error as long as nothing else was sent: %s', async (_engine, error, expected, message) => {
    const { status, text, headers, usage } = await streamed(stream((response) => response.end(`data: ${error}\n\n`)));
    expect([status, JSON.parse(text).error.message, headers['x-should-retry']]).toEqual([expected, message, 'false']);
    expect(headers['content-type']).toBe('application/json');
    expect(usage).toMatchObject({ outcome: 'upstream_error', status: expected, billable: false });
  });

  it.each(ERRORS)(
    'ends the stream and is metered as an error once something was: %s',
    async (_engine, error, _status, message) => {
      const { status, text, usage } = await streamed(
        stream((response) => response.end(`${frame('abc')}data: ${error}\n\n${DONE}`)),
      );
      expect(status).toBe(200);
      expect(text.startsWith(frame('abc'))).toBe(true);
      expect(endingError(text)).toMatchObject({ message });
      expect(text).not.toContain('[DONE]');
      expect(usage).toMatchObject({ outcome: 'upstream_error', billable: true, units: { output_tokens: 1 } });
    },
  );
});

describe('a frame of a mebibyte', () => {
  it('arrives whole', async () => {
    const large = frame('y'.repeat(1_048_576));
    const { text, usage } = await streamed(stream((response) => response.end(large + FINISH + DONE)));
    expect(text === large + FINISH + DONE).toBe(true);
    expect(usage.units.output_tokens).toBe(1_048_576 / 4);
  });
});

describe('a client that reads slowly', () => {
  const CHUNK = frame('z'.repeat(10_000)).repeat(8);
  const CHUNKS = 650;
  /** Socket buffers of two connections and the streams' own; far below the 50 MiB that the pod has to say. */
  const HELD_BYTES_MAX = 16 * 1_048_576;

  /** Nothing here depends on how fast the machine is. */
  let patient: RouterFixture;
  beforeAll(async () => (patient = await RouterFixture.start()));
  afterAll(() => patient.close());

  it('holds its pod back instead of filling the router’s memory, and gets everything in the end', async () => {
    let accepted = 0;
    const slowlyRead = await patient.addRegion('mv');
    slowlyRead.answer = stream(async (response) => {
      for (let index = 0; index < CHUNKS; index += 1) {
        if (!response.write(CHUNK)) await new Promise((resolve) => response.once('drain', resolve));
        accepted += CHUNK.length;
      }
      response.end(FINISH + DONE);
    });
    const response: IncomingMessage = await patient.begin('/v1/chat/completions', {
      body: JSON.stringify({ model: patient.addInstance(1, ['mv']), stream: true, messages: [] }),
    });
    response.pause();
    let before = -1;
    await waitFor(() => (accepted > 0 && accepted === before) || void (before = accepted), {
      timeoutMs: 45_000,
      intervalMs: 150,
      what: 'the pod to be held back',
    });
    expect(accepted).toBeLessThan(HELD_BYTES_MAX);
    let bytes = 0;
    let tail = '';
    for await (const chunk of response) {
      const piece = chunk as Buffer;
      bytes += piece.length;
      tail = (tail + piece.toString('latin1')).slice(-FINISH.length - DONE.length);
    }
    expect(tail).toBe(FINISH + DONE);
    expect(bytes).toBeGreaterThanOrEqual(CHUNK.length * CHUNKS);
  }, 240_000);
});

describe('the time to the first token', () => {
  it('is that of the first output, not of a frame that only names the role', async () => {
    const role = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';
    const { usage } = await streamed(
      stream(async (response) => {
        response.write(role);
        await delay(HEARTBEAT_INTERVAL_MS / 2);
        response.end(frame('hello') + FINISH + DONE);
      }),
    );
    expect(usage.ttft_ms).toBeGreaterThanOrEqual(HEARTBEAT_INTERVAL_MS / 2);
  });
});
