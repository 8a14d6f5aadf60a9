import type { NanoUsd, Refusal } from '@ecolink/contracts';
import type { PoolEntry } from './reservation-pool.js';
import type { SpendingCall, SpendingPool } from './spending-pool.js';

/** What one call may cost until it is settled, reserved in every pool that it spends from. */
export interface Reservation {
  /** Reserves so much in all, where that is more than is reserved; the refusal where a pool does not cover it: nothing has changed then. */
  growTo(costNanoUsd: NanoUsd): Refusal | undefined;
  /** The call is in the journal at `position` with what it cost. */
  settle(position: number, costNanoUsd: NanoUsd): void;
  /** Gives back what is reserved. Once, however often it is called. */
  release(): void;
}

/** A pool and the refusal of a call that it does not cover. */
export interface RefusingPool {
  readonly pool: SpendingPool;
  refusal(): Refusal;
}

/** Of a call that can cost nothing. */
export const NOTHING_RESERVED: Reservation = {
  growTo: () => undefined,
  settle: () => undefined,
  release: () => undefined,
};

export type Admission =
  { readonly kind: 'admitted'; readonly reservation: Reservation } | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What a call may cost: what is reserved to begin with, and the most that it can come to. */
export interface CallCost {
  readonly firstNanoUsd: NanoUsd;
  readonly worstNanoUsd: NanoUsd;
}

/** Reserved and not released yet: what an account's calls in flight are. */
export type OpenCalls = Set<CallReservation>;

/** Admits a call by all pools or by none. */
export function reserveIn(pools: readonly RefusingPool[], cost: CallCost, call: SpendingCall, open: OpenCalls): Admission {
  for (const refusing of pools)
    if (!refusing.pool.admits(cost.firstNanoUsd)) return { kind: 'refused', refusal: refusing.refusal() };
  const reservation = new CallReservation(cost.firstNanoUsd, call, open);
  for (const refusing of pools) reservation.join(refusing);
  return { kind: 'admitted', reservation };
}

export class CallReservation implements Reservation {
  private readonly parts: { readonly of: RefusingPool; readonly entry: PoolEntry }[] = [];

  constructor(
    private reservedNanoUsd: NanoUsd,
    readonly call: SpendingCall,
    private readonly open: OpenCalls,
  ) {
    open.add(this);
  }

  /** Spends from this pool too, whatever is left there: also one that begins while the call is running. */
  join(of: RefusingPool): void {
    const entry = { amount: 0n, outgrows: false };
    this.parts.push({ of, entry });
    of.pool.reserve(entry, this.reservedNanoUsd);
  }

  growTo(costNanoUsd: NanoUsd): Refusal | undefined {
    const byNanoUsd = costNanoUsd - this.reservedNanoUsd;
    if (byNanoUsd <= 0n || !this.open.has(this)) return undefined;
    for (const { of, entry } of this.parts) if (!of.pool.admitsGrowth(entry, byNanoUsd)) return of.refusal();
    for (const { of, entry } of this.parts) of.pool.reserve(entry, byNanoUsd);
    this.reservedNanoUsd = costNanoUsd;
    return undefined;
  }

  settle(position: number, costNanoUsd: NanoUsd): void {
    for (const { of } of this.parts) of.pool.addPending({ position, costNanoUsd, call: this.call });
  }

  release(): void {
    if (!this.open.delete(this)) return;
    for (const { of, entry } of this.parts) of.pool.release(entry);
  }
}
