import { type GatewayErrorKind, HEADER, type RawHeaders, type Refusal } from '@ecolink/contracts';
import type { AttemptHandle, AttemptResult, UpstreamAnswer } from '../forward/upstream.js';
import type { Exchange } from '../http/exchange.js';
import type { CallEvidence } from './call-evidence.js';
import type { RegionCandidate } from './choose-regions.js';
import { RETRYABLE_STATUSES } from './retryable-statuses.js';

/** A pod's own error answer, kept while other candidates are tried. */
export interface KeptAnswer {
  readonly region: string;
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Buffer;
}

export type RegionsResult =
  | { readonly kind: 'answer'; readonly region: string; readonly answer: UpstreamAnswer }
  | { readonly kind: 'kept_answer'; readonly kept: KeptAnswer }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly sent: boolean; readonly region: string | null }
  | { readonly kind: 'client_gone'; readonly sent: boolean; readonly region: string | null };

export interface AttemptPlan {
  readonly candidates: readonly RegionCandidate[];
  readonly evidence: CallEvidence;
  /** Starts one attempt; `triedPods` are those of this region that failed the call. */
  readonly send: (candidate: RegionCandidate, triedPods: readonly string[]) => AttemptHandle;
  /** The request may be sent again though a pod may have seen it: inference with a kept body, and safe methods. */
  readonly repeatableAfterLoss: boolean;
  /** A pod's 5xx is tried elsewhere first: inference. A custom instance's every status is the client's to see, at once. */
  readonly retriesStatuses: boolean;
  /** What the client is told when no pod could be sent the call. */
  readonly noPod: () => Refusal;
  /** False once a streamed body has been drawn from: it cannot be sent from the start again. */
  readonly bodyIsWhole: () => boolean;
}

const KEPT_BODY_BYTES_MAX = 1_048_576;

/**
 * Tries the candidates in turn until one answers. What decides is whether a pod may have seen the request: never sent
 * moves on, on every path; a lost connection moves on only where the request may be repeated, and so does a pod's 5xx
 * while the instance's retry budget lasts; waiting too long for an answer never does, since the pod may still be at work.
 * Nothing has gone to the client while this runs.
 */
export async function attemptRegions(exchange: Exchange, plan: AttemptPlan): Promise<RegionsResult> {
  let kept: KeptAnswer | undefined;
  let sent = false;
  let region: string | null = null;
  for (const [index, candidate] of plan.candidates.entries()) {
    if (exchange.clientGone) return { kind: 'client_gone', sent, region };
    const attempt = plan.send(candidate, plan.evidence.triedPods(candidate.region));
    exchange.onClientGone(() => attempt.abort());
    const result = await attempt.result;
    sent ||= mayHaveBeenSent(result);
    region = candidate.region;
    const isLast = index === plan.candidates.length - 1;
    switch (result.kind) {
      case 'aborted':
        return { kind: 'client_gone', sent, region };
      case 'unsendable':
        return { kind: 'refused', refusal: { code: 'invalid_request', message: result.message }, sent, region };
      case 'answer':
        plan.evidence.answered(region, result.answer.status, podOf(result.answer, index));
        if (isLast || !mayTryElsewhere(result.answer, plan)) return { kind: 'answer', region, answer: result.answer };
        kept = (await keep(exchange, candidate.region, result.answer)) ?? kept;
        continue;
      case 'failed':
        plan.evidence.failed(region, result);
        if (mayMoveOn(result, plan)) continue;
        return kept === undefined
          ? { kind: 'refused', refusal: refusalOf(result.cause, plan), sent, region }
          : { kind: 'kept_answer', kept };
    }
  }
  if (kept !== undefined) return { kind: 'kept_answer', kept };
  return { kind: 'refused', refusal: refusalOf(sent ? 'connection_lost' : 'no_pod', plan), sent, region };
}

function mayHaveBeenSent(result: AttemptResult): boolean {
  if (result.kind === 'failed' || result.kind === 'aborted') return result.sent;
  return result.kind !== 'unsendable';
}

/** Only an error, or an answer after one, tells the pod: looking for it would be lost work on every other call. */
function podOf(answer: UpstreamAnswer, attemptsBefore: number): string | undefined {
  return attemptsBefore === 0 && !RETRYABLE_STATUSES.has(answer.status) ? undefined : answer.header(HEADER.pod);
}

function mayTryElsewhere(answer: UpstreamAnswer, plan: AttemptPlan): boolean {
  return plan.retriesStatuses && RETRYABLE_STATUSES.has(answer.status) && plan.evidence.mayRetryAnswer();
}

function mayMoveOn(result: { sent: boolean; cause: GatewayErrorKind }, plan: AttemptPlan): boolean {
  if (!plan.bodyIsWhole()) return false;
  if (!result.sent) return true;
  return result.cause === 'connection_lost' && plan.repeatableAfterLoss;
}

function refusalOf(cause: GatewayErrorKind, plan: AttemptPlan): Refusal {
  switch (cause) {
    case 'connect_failed':
    case 'no_pod':
    case 'busy':
      return plan.noPod();
    case 'connection_lost':
      return { code: 'upstream_error', message: 'the connection to the model server was lost after the request was sent' };
    case 'timeout':
      return { code: 'upstream_timeout', message: 'the model server did not answer in time' };
  }
}

/** Reads a pod's error answer to its end; `undefined` when it was cut, is too large to keep, or nobody waits for it any more. */
function keep(exchange: Exchange, region: string, answer: UpstreamAnswer): Promise<KeptAnswer | undefined> {
  return new Promise((resolve) => {
    exchange.onClientGone(() => resolve(undefined));
    const chunks: Buffer[] = [];
    let length = 0;
    answer.consume({
      onData: (chunk) => {
        length += chunk.length;
        if (length <= KEPT_BODY_BYTES_MAX) {
          chunks.push(chunk);
          return;
        }
        answer.abort();
        resolve(undefined);
      },
      onEnd: () => resolve({ region, status: answer.status, headers: answer.plainHeaders, body: Buffer.concat(chunks) }),
      onError: () => resolve(undefined),
    });
  });
}
