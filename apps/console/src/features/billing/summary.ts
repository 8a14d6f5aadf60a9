import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import { nanoUsd } from '../../format/money.js';

/** Balance, holds, burn rate and when the balance runs out. */
export const billingSummaryQuery = queryOptions({
  queryKey: ['billing', 'summary'],
  queryFn: async () => take(api.GET('/api/v1/billing')),
});

type Summary = Awaited<ReturnType<NonNullable<typeof billingSummaryQuery.queryFn>>>;

export interface HeldOf {
  /** What the cycle has not used yet; over all instances they add up to what the account holds. */
  readonly left: bigint;
  readonly whole: bigint;
}

export const NOTHING_HELD: HeldOf = { left: 0n, whole: 0n };

/** What is held for each instance. A cycle that follows another may be held beside it: both count. */
export function heldByInstance(holds: Summary['holds']): ReadonlyMap<number, HeldOf> {
  const held = new Map<number, HeldOf>();
  for (const { instance_id: id, hold_nano_usd, used_nano_usd } of holds) {
    const before = held.get(id) ?? NOTHING_HELD;
    const whole = nanoUsd(hold_nano_usd);
    held.set(id, { left: before.left + whole - nanoUsd(used_nano_usd), whole: before.whole + whole });
  }
  return held;
}

/** Of one instance; undefined until it is known. */
export function useHeldOf(instanceId: number): HeldOf | undefined {
  const { data } = useQuery(billingSummaryQuery);
  return data === undefined ? undefined : (heldByInstance(data.holds).get(instanceId) ?? NOTHING_HELD);
}
