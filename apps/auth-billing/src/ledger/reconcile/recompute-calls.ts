import { costOf, type ReconciledDifference } from '@ecolink/contracts';
import type { PriceBook } from '../../pricing/prices/price-book.js';
import type { RecordedCall } from './recorded-calls.store.js';

/** Prices recorded calls anew, by the version that was in force when each was admitted, and compares cost and posting. */
export function recomputeCalls(
  accountId: string,
  calls: readonly RecordedCall[],
  prices: PriceBook,
): readonly ReconciledDifference[] {
  return calls.flatMap((call) => [...costDifference(accountId, call, prices), ...postingDifference(accountId, call)]);
}

function costDifference(accountId: string, call: RecordedCall, prices: PriceBook): readonly ReconciledDifference[] {
  const version = prices.inForceAt(call.target, pricedAt(call));
  const expected = call.billable && version !== undefined ? costOf(call.units, version.prices) : 0n;
  if (expected === call.costNanoUsd && (version?.version ?? null) === call.priceVersion) return [];
  return [
    {
      ...{ kind: 'call_cost', account_id: accountId, subject: `${call.source} ${call.eventId}` },
      message: `priced by version ${call.priceVersion ?? 'none'} of ${call.target}; in force was ${version?.version ?? 'none'}`,
      ...{ expected_nano_usd: String(expected), actual_nano_usd: String(call.costNanoUsd) },
    },
  ];
}

function postingDifference(accountId: string, call: RecordedCall): readonly ReconciledDifference[] {
  const expected = call.costNanoUsd === 0n ? null : -call.costNanoUsd;
  if (call.postedNanoUsd === expected) return [];
  return [
    {
      ...{ kind: 'call_posting', account_id: accountId, subject: `${call.source} ${call.eventId}` },
      message: 'the ledger has another amount for this call than it cost',
      ...{ expected_nano_usd: String(expected ?? 0n), actual_nano_usd: String(call.postedNanoUsd ?? 0n) },
    },
  ];
}

/** A router's clock may be ahead of billing's: such a call was priced as of then. */
export function pricedAt({ startedAt, recordedAt }: RecordedCall): Date {
  return startedAt > recordedAt ? recordedAt : startedAt;
}
