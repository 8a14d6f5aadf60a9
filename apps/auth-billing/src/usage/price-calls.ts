import { costOf } from '@ecolink/contracts';
import type { PriceBook } from '../prices/price-book.js';
import type { Call, RefusedEvent } from './read-events.js';

export interface PricedCall {
  readonly call: Call;
  readonly costNanoUsd: bigint;
  /** Null for a call that is free since its instance has no price. */
  readonly priceVersion: number | null;
}

export interface PricedBatch {
  readonly priced: readonly PricedCall[];
  readonly refused: readonly RefusedEvent[];
}

/** What PostgreSQL's bigint holds. */
const AMOUNT_MAX = 2n ** 63n - 1n;

/**
 * Prices every call at the version in force when it was admitted. `balances` are those of the accounts that exist: a call
 * of any other is refused, and so is one whose cost no balance could hold, since retrying it for ever would stop its
 * partition.
 */
export function priceCalls(calls: readonly Call[], balances: ReadonlyMap<string, bigint>, prices: PriceBook): PricedBatch {
  const priced: PricedCall[] = [];
  const refused: RefusedEvent[] = [];
  const left = new Map(balances);
  for (const call of calls) {
    const result = priceCall(call, left.get(call.usage.account_id), prices);
    if ('reason' in result) refused.push(result);
    else {
      priced.push(result);
      left.set(call.usage.account_id, (left.get(call.usage.account_id) ?? 0n) - result.costNanoUsd);
    }
  }
  return { priced, refused };
}

function priceCall(call: Call, balanceNanoUsd: bigint | undefined, prices: PriceBook): PricedCall | RefusedEvent {
  const { event, usage } = call;
  if (balanceNanoUsd === undefined) return { event, reason: `unknown account ${usage.account_id}` };
  const version = prices.inForceAt(call.target, call.pricedAt);
  if (version === undefined && !call.isFreeWithoutPrice) return { event, reason: `${call.target} has no price` };
  const costNanoUsd = usage.billable && version !== undefined ? costOf(usage.units, version.prices) : 0n;
  if (costNanoUsd > AMOUNT_MAX || balanceNanoUsd - costNanoUsd < -AMOUNT_MAX)
    return { event, reason: 'costs more than an amount can hold' };
  return { call, costNanoUsd, priceVersion: version?.version ?? null };
}
