import { costOf, estimateTokens, type Units } from '@ecolink/contracts';
import type { Reservation } from '../accounts/account-view.js';
import type { UsageJournal } from '../journal/usage-journal.js';
import type { Caller } from './read-key.js';
import { ok, type Outcome, refused } from './outcome.js';
import type { Target } from './resolve-target.js';

/** What is known of a call's size before it runs. */
export interface ExpectedSize {
  readonly promptBytes: number;
  /** Undefined where the client sets no limit. */
  readonly outputTokensMax: number | undefined;
}

/** Output that a call is expected to make at the most, for its reservation. */
const OUTPUT_TOKENS_EXPECTED_MAX = 1_024;
const JOURNAL_RETRY_SECONDS = 5;

/**
 * Reserves what the call may cost, and room in the journal for its record: 402 `insufficient_balance` when the account
 * cannot carry it, 503 `usage_journal_full` when it could be served but not recorded.
 */
export function reservePayment(journal: UsageJournal, caller: Caller, target: Target, size: ExpectedSize): Outcome<Reservation> {
  const { prices } = target;
  const isFreeOwnInstance = prices.isFree && target.platformModelId === null;
  const admission = isFreeOwnInstance ? caller.account.admitFree() : caller.account.reserve(costOf(expectedUnits(size), prices));
  if (admission.kind === 'refused') return admission;
  if (journal.reserve()) return ok(admission.reservation);
  admission.reservation.release();
  return refused('usage_journal_full', 'usage cannot be recorded at the moment; try again', {
    retryAfterSeconds: JOURNAL_RETRY_SECONDS,
  });
}

function expectedUnits({ promptBytes, outputTokensMax }: ExpectedSize): Units {
  return {
    requests: 1,
    input_tokens: estimateTokens(promptBytes),
    output_tokens: Math.min(outputTokensMax ?? OUTPUT_TOKENS_EXPECTED_MAX, OUTPUT_TOKENS_EXPECTED_MAX),
  };
}
