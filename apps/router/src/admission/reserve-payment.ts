import { costOf } from '@ecolink/contracts';
import type { UsageJournal } from '../settlement/journal/usage-journal.js';
import { ok, type Outcome, refused } from '../call/outcome.js';
import { callBounds, type CallBounds, type CallSize, worstCost } from './call-bounds.js';
import type { CallCost } from './call-reservation.js';
import { OutputCover } from './output-cover.js';
import type { TokenLimiter, TokenReservation } from './token-limiter.js';
import type { Exchange } from '../listen/exchange.js';
import type { Caller } from './read-key.js';
import type { Target } from './resolve-target.js';

const JOURNAL_RETRY_SECONDS = 5;

/** What a call holds while it runs. */
export interface CallFunds {
  readonly cover: OutputCover;
  /** Undefined where its account has no limit of tokens, or the call none that are counted. */
  readonly tokens: TokenReservation | undefined;
}

export interface PaymentParts {
  readonly journal: UsageJournal;
  readonly tokens: TokenLimiter;
}

/**
 * Reserves what the call may cost, the tokens that it may use of its account's minute, and room in the journal for its record.
 * Refusals, in this order: 402 `insufficient_balance` or `budget_reached`, 429 `rate_limit_exceeded`, 503 `usage_journal_full`; a refused call
 * has taken nothing.
 * @param size null for a call that is priced by the request alone.
 */
export function reservePayment(
  { journal, tokens }: PaymentParts,
  exchange: Pick<Exchange, 'setTokenLimitHeaders' | 'admittedAt'>,
  caller: Caller,
  target: Target,
  size: CallSize | null,
): Outcome<CallFunds> {
  const { prices } = target;
  const isFreeOwnInstance = prices.isFree && target.platformModelId === null;
  const bounds = size === null ? undefined : callBounds(size, target.contextLength);
  const { account, key } = caller;
  const call = { keyId: key.key_id, userId: key.created_by, admittedAtMs: exchange.admittedAt.getTime() };
  const admission = isFreeOwnInstance ? account.admitFree() : account.reserve(costBetween(bounds, size, target), call);
  if (admission.kind === 'refused') return admission;
  const { reservation } = admission;
  const ofMinute = takeTokens(tokens, exchange, caller, bounds);
  if (ofMinute.kind === 'refused') {
    reservation.release();
    return ofMinute;
  }
  const cover = new OutputCover(reservation, prices.isFree ? undefined : bounds, prices);
  if (journal.reserve()) return ok({ cover, tokens: ofMinute.value });
  reservation.release();
  ofMinute.value?.release();
  return refused('usage_journal_full', 'usage cannot be recorded at the moment; try again', {
    retryAfterSeconds: JOURNAL_RETRY_SECONDS,
  });
}

function takeTokens(
  limiter: TokenLimiter,
  exchange: Pick<Exchange, 'setTokenLimitHeaders'>,
  { account }: Caller,
  bounds: CallBounds | undefined,
): Outcome<TokenReservation | undefined> {
  const { plan, account_id: accountId } = account.state;
  if (plan.tokens_per_minute === null || bounds === undefined) return ok(undefined);
  const admission = limiter.admit(accountId, plan.tokens_per_minute, bounds.inputTokens + bounds.outputTokens);
  exchange.setTokenLimitHeaders(admission.decision);
  if (admission.kind === 'admitted') return ok(admission.reservation);
  return refused('rate_limit_exceeded', `rate limit of ${plan.tokens_per_minute} tokens per minute reached (plan ${plan.name})`, {
    retryAfterSeconds: admission.decision.resetSeconds,
  });
}

function costBetween(bounds: CallBounds | undefined, size: CallSize | null, { prices }: Target): CallCost {
  // What is no token is known beforehand: images and seconds that the body asks for.
  const media = size?.media === undefined ? 0n : costOf({ requests: 0, ...size.media }, prices);
  if (bounds === undefined || prices.isFree) {
    const known = worstCost(0n, 0n, prices) + media;
    return { firstNanoUsd: known, worstNanoUsd: known };
  }
  const { inputTokens, outputTokens, outputTokensMax } = bounds;
  return {
    firstNanoUsd: worstCost(inputTokens, outputTokens, prices) + media,
    worstNanoUsd: worstCost(inputTokens, outputTokensMax, prices) + media,
  };
}
