// The client of all benchmarks: cheap, and with the headers of an official SDK.
import { Pool } from 'undici';

const CALL_TIMEOUT_MS = 120_000;
const PROMPT = 'Say something of a certain length, please. '.repeat(5);

/** A request of about 400 bytes of JSON with the headers that the OpenAI SDK for Node sends. */
export function requestOf({ model, key, stream }) {
  const body = JSON.stringify({
    model,
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: PROMPT },
    ],
    max_tokens: stream?.frames ?? 64,
    temperature: 0.7,
    ...(stream === undefined ? {} : { stream: true, metadata: { interval_ms: String(stream.intervalMs) } }),
  });
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    authorization: `Bearer ${key}`,
    'user-agent': 'OpenAI/JS 7.57.0',
    'accept-language': '*',
    'sec-fetch-mode': 'cors',
    'x-stainless-retry-count': '0',
    'x-stainless-lang': 'js',
    'x-stainless-package-version': '7.57.0',
    'x-stainless-os': 'Linux',
    'x-stainless-arch': 'x64',
    'x-stainless-runtime': 'node',
    'x-stainless-runtime-version': process.version,
  };
  return { path: '/v1/chat/completions', method: 'POST', headers, body };
}

/** Keeps one connection for each call at a time. */
export class Client {
  constructor({ origin, key, model, concurrency }) {
    this.pool = new Pool(origin, {
      connections: concurrency,
      pipelining: 1,
      headersTimeout: CALL_TIMEOUT_MS,
      bodyTimeout: CALL_TIMEOUT_MS,
    });
    Object.assign(this, { key, model, concurrency });
  }

  /** `count` calls, `concurrency` at a time. @returns their durations in milliseconds, and how long all took. */
  async callMany(count, { expectedStatus = 200 } = {}) {
    const request = requestOf(this);
    const durations = [];
    const startedAt = performance.now();
    await this.inParallel(count, async () => {
      const callStartedAt = performance.now();
      const { status } = await this.send(request, () => undefined);
      if (status !== expectedStatus) throw new Error(`${status} instead of ${expectedStatus}`);
      durations.push(performance.now() - callStartedAt);
    });
    return { durations, elapsedMs: performance.now() - startedAt };
  }

  /** `count` streams, `concurrency` at a time. @returns times to the first frame and gaps between frames, in milliseconds. */
  async streamMany(count, stream) {
    const result = { firstFrames: [], gaps: [], wrong: 0, elapsedMs: 0 };
    const startedAt = performance.now();
    await this.inParallel(count, async () => {
      const one = await this.streamOne(stream);
      result.firstFrames.push(one.firstFrameMs);
      result.gaps.push(...one.gaps);
      if (!one.isWhole) result.wrong += 1;
    });
    result.elapsedMs = performance.now() - startedAt;
    return result;
  }

  /** One stream, whose frames carry their numbers: whole when all came, in order, and `[DONE]` at the end. */
  async streamOne(stream) {
    const request = requestOf({ model: this.model, key: this.key, stream });
    const startedAt = performance.now();
    let [firstFrameMs, lastAt, next, isInOrder] = [NaN, 0, 0, true];
    const gaps = [];
    let rest = '';
    const { status, region, bytes } = await this.send(request, (chunk) => {
      const now = performance.now();
      const text = rest + chunk.latin1Slice();
      const end = text.lastIndexOf('\n\n');
      rest = end === -1 ? text : text.slice(end + 2);
      if (end === -1) return;
      for (const [, number] of text.slice(0, end).matchAll(/"content":"(\d+) /g)) {
        isInOrder &&= Number(number) === next;
        next += 1;
        if (next === 1) firstFrameMs = now - startedAt;
        else gaps.push(now - lastAt);
        lastAt = now;
      }
      if (text.includes('data: [DONE]')) rest = '[DONE]';
    });
    return {
      status,
      region,
      bytes,
      text: rest,
      firstFrameMs,
      gaps,
      isWhole: status === 200 && isInOrder && next === stream.frames && rest === '[DONE]',
    };
  }

  /** One call, and what became of it. */
  async callOne() {
    let text = '';
    const answer = await this.send(requestOf(this), (chunk) => (text += chunk.latin1Slice()));
    return { ...answer, text, isWhole: answer.status === 200 };
  }

  close() {
    return this.pool.destroy();
  }

  async inParallel(count, work) {
    let left = count;
    await Promise.all(
      Array.from({ length: Math.min(this.concurrency, count) }, async () => {
        while (left > 0) {
          left -= 1;
          await work();
        }
      }),
    );
  }

  send(request, onData) {
    return new Promise((resolve, reject) => {
      const answer = { status: 0, region: undefined, bytes: 0 };
      this.pool.dispatch(request, {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, status, headers) => {
          answer.status = status;
          answer.region = headers['x-ecolink-region'];
        },
        onResponseData: (_controller, chunk) => {
          answer.bytes += chunk.length;
          onData(chunk);
        },
        onResponseEnd: () => resolve(answer),
        onResponseError: (_controller, error) => reject(error),
      });
    });
  }
}
