import { costOf, type Units, unknownUnits } from '@ecolink/contracts';
import { type AccountBalance, AMOUNT_MAX } from '../../ledger/plan-transactions.js';
import type { PriceBook, PriceVersion } from '../../pricing/prices/price-book.js';
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

/** Units and price fields of later releases. Units of an instance without a price cost nothing, whatever they are. */
function unknownParts(units: Units, version: PriceVersion | undefined): readonly string[] {
  return version === undefined || !version.prices.isPriced ? [] : [...unknownUnits(units), ...version.prices.unknownFields];
}

const NAMES_SHOWN = 256;

/**
 * Prices every call at the version in force when it was admitted. `balances` are those of the accounts that exist: a call
 * of any other is refused, and so is one whose cost no balance could hold, since retrying it for ever would stop its
 * partition.
 */
export function priceCalls(
  calls: readonly Call[],
  balances: ReadonlyMap<string, AccountBalance>,
  prices: PriceBook,
): PricedBatch {
  const priced: PricedCall[] = [];
  const refused: RefusedEvent[] = [];
  const left = new Map([...balances].map(([accountId, balance]) => [accountId, balance.availableNanoUsd]));
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
  const unknown = usage.billable ? unknownParts(usage.units, version) : [];
  // Billed in parts, the rest could never be billed: an event is posted once. It waits whole for a release that can price it.
  if (unknown.length > 0)
    return { event, reason: `cannot be priced by this release: ${unknown.join(', ').slice(0, NAMES_SHOWN)}` };
  const costNanoUsd = usage.billable && version !== undefined ? costOf(usage.units, version.prices) : 0n;
  if (costNanoUsd > AMOUNT_MAX || balanceNanoUsd - costNanoUsd < -AMOUNT_MAX)
    return { event, reason: 'costs more than an amount can hold' };
  return { call, costNanoUsd, priceVersion: version?.version ?? null };
}
