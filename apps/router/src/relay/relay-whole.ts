import { type RawHeaders, statusOf } from '@ecolink/contracts';
import { endWith } from '@ecolink/proxy';
import type { CutKind, UpstreamAnswer } from '../upstream/upstream.js';
import type { Exchange } from '../listen/exchange.js';
import { type InferenceApi, NOTHING_READ } from '../apis/api.js';
import type { InferenceBody } from '../apis/body/parse-inference-body.js';
import type { CallSettlement } from '../settlement/call-settlement.js';
import type { MeteredUnits } from './metering/usage-reading.js';
import { relayedHeaders, type ServedBy } from './answer-head.js';
import { cutRefusal } from './cut-refusal.js';

export interface WholeAnswer {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Buffer;
}

/** What an answer is metered by. */
export interface Metered {
  readonly api: InferenceApi;
  readonly body: InferenceBody;
  /** What the client gets of a good answer, where that is not what the pod sent. */
  readonly rewrite?: (answer: Buffer) => Buffer;
}

export interface RelayWholeOptions extends Metered {
  /** A longer answer is refused: it could not be metered. */
  readonly answerBytesMax: number;
  /** How long the rest of an answer, and the usage in it, is waited for after its client has left. */
  readonly leftUsageTimeoutMs: number;
}

/** Relays an answer that is no stream: read whole, metered, journalled, then sent with one write. Resolves at its end. */
export async function relayWhole(
  exchange: Exchange,
  answer: UpstreamAnswer,
  servedBy: ServedBy,
  recorder: CallSettlement,
  options: RelayWholeOptions,
): Promise<void> {
  const read = await collect(exchange, answer, options);
  const base = { region: servedBy.region, ttftMs: exchange.elapsedMs() };
  switch (read.kind) {
    case 'whole':
      await sendWhole(
        exchange,
        { status: answer.status, headers: answer.plainHeaders, body: read.body },
        servedBy,
        recorder,
        options,
      );
      return;
    case 'client_gone': {
      // Nothing of the answer was delivered, but the pod has made it: what it counted is what it costs.
      const isAnswer = answer.status < 400;
      recorder.record({
        ...base,
        ...(isAnswer ? meterWhole(read.body, options) : NOT_METERED),
        outcome: 'client_aborted',
        status: answer.status,
        billable: isAnswer,
      });
      return;
    }
    case 'too_large':
      recorder.record({
        ...base,
        ...NOT_METERED,
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
        ...NOT_METERED,
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
  recorder: CallSettlement,
  metered: Metered,
): Promise<void> {
  const failed = answer.status >= 400;
  await recorder.recordGathered({
    ...(failed ? NOT_METERED : meterWhole(answer.body, metered)),
    outcome: failed ? 'upstream_error' : 'completed',
    status: answer.status,
    region: servedBy.region,
    billable: !failed,
    ttftMs: failed ? null : exchange.elapsedMs(),
  });
  const headers = relayedHeaders(exchange, answer.headers, servedBy);
  const body = failed || metered.rewrite === undefined ? answer.body : metered.rewrite(answer.body);
  headers.push('content-length', String(body.length));
  exchange.response.writeHead(answer.status, headers);
  endWith(exchange.response, body);
}

const NOT_METERED: MeteredUnits = { units: { requests: 1 }, estimated: false };

/** @param answer undefined where it did not come to its end: only the prompt is known then. */
function meterWhole(answer: Buffer | undefined, { api, body }: Metered): MeteredUnits {
  return api.unitsOf(body, answer === undefined ? NOTHING_READ : api.readAnswer(answer));
}

export type Collected =
  | { readonly kind: 'whole'; readonly body: Buffer }
  /** The body is undefined where it did not come in time. */
  | { readonly kind: 'client_gone'; readonly body: Buffer | undefined }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'cut'; readonly why: CutKind };

/** Reads an answer to its end, as far as it may be read. */
export function collect(
  exchange: Exchange,
  answer: UpstreamAnswer,
  { answerBytesMax, leftUsageTimeoutMs }: Pick<RelayWholeOptions, 'answerBytesMax' | 'leftUsageTimeoutMs'>,
): Promise<Collected> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let leftTimer: NodeJS.Timeout | undefined;
    let isSettled = false;
    const settle = (collected: Collected): void => {
      isSettled = true;
      clearTimeout(leftTimer);
      resolve(collected);
    };
    const abort = (collected: Collected): void => {
      answer.abort();
      settle(collected);
    };
    exchange.onClientGone(() => {
      if (!isSettled) leftTimer = setTimeout(() => abort({ kind: 'client_gone', body: undefined }), leftUsageTimeoutMs);
    });
    answer.consume({
      onData: (chunk) => {
        length += chunk.length;
        if (length <= answerBytesMax) chunks.push(chunk);
        else abort(exchange.clientGone ? { kind: 'client_gone', body: undefined } : { kind: 'too_large' });
      },
      onEnd: () => {
        const body = chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
        settle({ kind: exchange.clientGone ? 'client_gone' : 'whole', body });
      },
      onError: (why) => settle(exchange.clientGone ? { kind: 'client_gone', body: undefined } : { kind: 'cut', why }),
    });
  });
}
