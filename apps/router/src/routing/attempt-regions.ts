import { type CallAttempt, type GatewayErrorKind, HEADER, type RawHeaders, type Refusal } from '@ecolink/contracts';
import type { AttemptHandle, AttemptResult, UpstreamAnswer } from '../upstream/upstream.js';
import type { Exchange } from '../listen/exchange.js';
import type { PassiveHealthReport } from './call-evidence.js';
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
  readonly evidence: PassiveHealthReport;
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

const FIRST_ERROR_STATUS = 400;
const KEPT_BODY_BYTES_MAX = 1_048_576;

/**
 * Tries the candidates in turn until one answers. What decides is whether a pod may have seen the request: never sent
 * moves on, on every path; a lost connection moves on only where the request may be repeated, and so does a pod's 5xx
 * while the instance's retry budget lasts; waiting too long for an answer never does, since the pod may still be at work.
 * Nothing has gone to the client while this runs.
 */
export async function attemptRegions(exchange: Exchange, plan: AttemptPlan): Promise<RegionsResult> {
  const held: HeldAnswers = { kept: undefined, keyRefusal: undefined };
  let sent = false;
  let region: string | null = null;
  for (const [index, candidate] of plan.candidates.entries()) {
    if (exchange.clientGone) return { kind: 'client_gone', sent, region };
    const attempt = plan.send(candidate, plan.evidence.triedPods(candidate.region));
    // Once its head is here, an answer is its relay's to abort: it may have to read on for what the answer costs.
    let hasAnswered = false;
    exchange.onClientGone(() => {
      if (!hasAnswered) attempt.abort();
    });
    const startedMs = exchange.elapsedMs();
    const result = await attempt.result;
    hasAnswered = result.kind === 'answer';
    sent ||= mayHaveBeenSent(result);
    region = candidate.region;
    const isLast = index === plan.candidates.length - 1;
    switch (result.kind) {
      case 'aborted':
        return { kind: 'client_gone', sent, region };
      case 'unsendable':
        return { kind: 'refused', refusal: { code: 'invalid_request', message: result.message }, sent, region };
      case 'answer':
        noteAnswer(plan, held, region, result.answer, index);
        // The first try of most calls is the last: nothing is noted of it.
        if (index > 0 || result.answer.status >= FIRST_ERROR_STATUS)
          noteAttempt(exchange, region, startedMs, { outcome: 'answered', code: String(result.answer.status) });
        if (isLast || !mayTryElsewhere(result.answer, plan)) return answerOrEnd(plan, held, region, result.answer);
        await setAside(exchange, held, region, result.answer);
        continue;
      case 'failed':
        plan.evidence.failed(region, result);
        noteAttempt(exchange, region, startedMs, { outcome: 'failed', code: result.cause });
        if (!mayMoveOn(result, plan)) return endOf(held, refusalOf(result.cause, plan), sent, region);
    }
  }
  return endOf(held, refusalOf(sent ? 'connection_lost' : 'no_pod', plan), sent, region);
}

/** What earlier candidates answered: the last pod's own error, and a refusal of the key, which is nobody's to see. */
interface HeldAnswers {
  kept: KeptAnswer | undefined;
  keyRefusal: number | undefined;
}

function noteAnswer(plan: AttemptPlan, held: HeldAnswers, region: string, answer: UpstreamAnswer, index: number): void {
  if (!plan.retriesStatuses || !isKeyRefused(answer)) {
    plan.evidence.answered(region, answer.status, podOf(answer, index));
    return;
  }
  held.keyRefusal = answer.status;
  plan.evidence.refusedKey(region, answer.header(HEADER.pod));
}

function answerOrEnd(plan: AttemptPlan, held: HeldAnswers, region: string, answer: UpstreamAnswer): RegionsResult {
  if (!plan.retriesStatuses || !isKeyRefused(answer)) return { kind: 'answer', region, answer };
  answer.abort();
  return endOf(held, keyRefusedBy(answer.status), true, region);
}

async function setAside(exchange: Exchange, held: HeldAnswers, region: string, answer: UpstreamAnswer): Promise<void> {
  if (isKeyRefused(answer)) answer.abort();
  else held.kept = (await keep(exchange, region, answer)) ?? held.kept;
}

function endOf(held: HeldAnswers, refusal: Refusal, sent: boolean, region: string | null): RegionsResult {
  if (held.kept !== undefined) return { kind: 'kept_answer', kept: held.kept };
  const shown = held.keyRefusal === undefined ? refusal : keyRefusedBy(held.keyRefusal);
  return { kind: 'refused', refusal: shown, sent, region };
}

/** A caller has no part in the key between EcoLink and a pod, so a pod's refusal of it is never his answer. */
function isKeyRefused(answer: UpstreamAnswer): boolean {
  return (answer.status === 401 || answer.status === 403) && answer.header(HEADER.keyRefused) !== undefined;
}

function keyRefusedBy(status: number): Refusal {
  return { code: 'upstream_error', message: `the model server refused the key that it was given (${status})` };
}

/** For the request log. */
function noteAttempt(
  exchange: Exchange,
  region: string,
  startedMs: number,
  end: { outcome: CallAttempt['outcome']; code: string },
): void {
  const durationMs = exchange.elapsedMs() - startedMs;
  exchange.attempts ??= [];
  exchange.attempts.push({ region, ...end, started_ms: rounded(startedMs), duration_ms: rounded(durationMs) });
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
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
  const isPodsFault = RETRYABLE_STATUSES.has(answer.status) || isKeyRefused(answer);
  if (!plan.retriesStatuses || !isPodsFault) return false;
  return plan.bodyIsWhole() && plan.evidence.mayRetryAnswer();
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
    exchange.onClientGone(() => {
      answer.abort();
      resolve(undefined);
    });
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
