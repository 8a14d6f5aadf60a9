import { type RawHeaders, statusOf } from '@ecolink/contracts';
import { endWith } from '@ecolink/service-kit';
import type { CutKind, UpstreamAnswer } from '../forward/upstream.js';
import type { Exchange } from '../http/exchange.js';
import type { CallRecorder } from '../metering/call-recorder.js';
import { readJsonAnswer } from '../metering/json-meter.js';
import { unitsOf } from '../metering/usage-reading.js';
import { relayedHeaders, type ServedBy } from './answer-head.js';
import { cutRefusal } from './cut-refusal.js';

export interface WholeAnswer {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Buffer;
}

export interface RelayWholeOptions {
  readonly promptBytes: number;
  /** A longer answer is refused: it could not be metered. */
  readonly answerBytesMax: number;
}

/** Relays an answer that is no stream: read whole, metered, journalled, then sent with one write. Resolves at its end. */
export async function relayWhole(
  exchange: Exchange,
  answer: UpstreamAnswer,
  servedBy: ServedBy,
  recorder: CallRecorder,
  options: RelayWholeOptions,
): Promise<void> {
  const read = await collect(exchange, answer, options.answerBytesMax);
  const base = { region: servedBy.region, ttftMs: exchange.elapsedMs() };
  switch (read.kind) {
    case 'whole':
      await sendWhole(
        exchange,
        { status: answer.status, headers: answer.plainHeaders, body: read.body },
        servedBy,
        recorder,
        options.promptBytes,
      );
      return;
    case 'client_gone': {
      // The pod had the whole prompt; of the answer nothing had been delivered.
      recorder.record({
        ...base,
        ...unitsOf(undefined, options.promptBytes, 0),
        outcome: 'client_aborted',
        status: answer.status,
        billable: answer.status < 400,
      });
      return;
    }
    case 'too_large':
      recorder.record({
        ...base,
        units: { requests: 1 },
        estimated: false,
        outcome: 'upstream_error',
        status: 502,
        billable: false,
      });
      exchange.refuse(
        { code: 'upstream_error', message: `the answer of the model server is larger than ${options.answerBytesMax} bytes` },
        { 'x-should-retry': 'false' },
      );
      return;
    case 'cut': {
      const refusal = cutRefusal(read.why);
      recorder.record({
        ...base,
        units: { requests: 1 },
        estimated: false,
        outcome: 'upstream_cut',
        status: statusOf(refusal.code),
        billable: false,
      });
      exchange.refuse(refusal, { 'x-should-retry': 'false' });
    }
  }
}

/** Meters a whole answer, writes the journal, and sends it. */
export async function sendWhole(
  exchange: Exchange,
  answer: WholeAnswer,
  servedBy: ServedBy,
  recorder: CallRecorder,
  promptBytes: number,
): Promise<void> {
  const failed = answer.status >= 400;
  const reading = failed ? { usage: undefined, outputBytes: 0 } : readJsonAnswer(answer.body);
  const metered = failed
    ? { units: { requests: 1 }, estimated: false }
    : unitsOf(reading.usage, promptBytes, reading.outputBytes);
  await recorder.recordGathered({
    ...metered,
    outcome: failed ? 'upstream_error' : 'completed',
    status: answer.status,
    region: servedBy.region,
    billable: !failed,
    ttftMs: failed ? null : exchange.elapsedMs(),
  });
  const headers = relayedHeaders(exchange, answer.headers, servedBy);
  headers.push('content-length', String(answer.body.length));
  exchange.response.writeHead(answer.status, headers);
  endWith(exchange.response, answer.body);
}

type Collected =
  | { readonly kind: 'whole'; readonly body: Buffer }
  | { readonly kind: 'client_gone' }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'cut'; readonly why: CutKind };

function collect(exchange: Exchange, answer: UpstreamAnswer, bytesMax: number): Promise<Collected> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    exchange.onClientGone(() => {
      answer.abort();
      resolve({ kind: 'client_gone' });
    });
    answer.consume({
      onData: (chunk) => {
        length += chunk.length;
        if (length <= bytesMax) {
          chunks.push(chunk);
          return;
        }
        answer.abort();
        resolve({ kind: 'too_large' });
      },
      onEnd: () => resolve({ kind: 'whole', body: chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks) }),
      onError: (why) => resolve({ kind: 'cut', why }),
    });
  });
}
