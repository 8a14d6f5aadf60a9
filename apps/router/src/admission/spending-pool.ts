import type { NanoUsd } from '@ecolink/contracts';
import type { SharedTotals } from '@ecolink/shared-state';
import { type PoolEntry, ReservationPool } from './reservation-pool.js';

/** Whose call it is and when it was admitted: what budgets count it by. */
export interface SpendingCall {
  readonly keyId: string;
  /** The user who created the key. */
  readonly userId: string | undefined;
  readonly admittedAtMs: number;
}

/** A call that is in this router's journal at `position`, and not in billing's figures yet. */
export interface PendingCost {
  readonly position: number;
  readonly costNanoUsd: NanoUsd;
  readonly call: SpendingCall;
}

/**
 * Money that calls may spend, as this router sees it: a balance, or what is left of a budget's window. It is the figure that
 * billing pushed, less the costs of this router's calls that the figure does not hold yet, and less the same of the other
 * routers.
 */
export class SpendingPool extends ReservationPool {
  private leftNanoUsd: NanoUsd = 0n;
  private postedPosition = 0;
  private pending: PendingCost[] = [];
  private pendingNanoUsd: NanoUsd = 0n;
  private readonly unpostedKey: string;
  private isRetired = false;

  constructor(name: string, shared: SharedTotals) {
    super(name, shared);
    this.unpostedKey = `unposted:${name}`;
  }

  override get available(): NanoUsd {
    return this.leftNanoUsd - this.pendingNanoUsd - this.ofOthers(this.unpostedKey);
  }

  /** In the order of their positions. */
  get pendingCosts(): readonly PendingCost[] {
    return this.pending;
  }

  /** @returns whether calls of this router are in the new figure that were not in the last one. */
  apply(leftNanoUsd: NanoUsd, postedPosition: number): boolean {
    this.leftNanoUsd = leftNanoUsd;
    this.postedPosition = postedPosition;
    // While others cannot be heard, what billing says is the next best: it holds what they spent up to a moment ago.
    if (!this.shared.hearsOthers()) this.share.invalidate();
    const rest = this.pending.filter(({ position }) => position > postedPosition);
    if (rest.length === this.pending.length) return false;
    this.pending = rest;
    this.pendingNanoUsd = rest.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n);
    this.shared.set(this.unpostedKey, this.pendingNanoUsd);
    return true;
  }

  /** More or less may be spent; what has been spent is the same. */
  shift(byNanoUsd: NanoUsd): void {
    this.leftNanoUsd += byNanoUsd;
  }

  /** A call of this router ended and is in its journal; billing has yet to post it. */
  addPending(cost: PendingCost): void {
    const { position, costNanoUsd } = cost;
    if (this.isRetired || costNanoUsd === 0n || position <= this.postedPosition) return;
    this.pending.push(cost);
    this.pendingNanoUsd += costNanoUsd;
    this.share.take(costNanoUsd);
    this.shared.set(this.unpostedKey, this.pendingNanoUsd);
  }

  /** What this pool was for limits nothing any more. */
  override admitsGrowth(entry: PoolEntry, by: bigint): boolean {
    return this.isRetired || super.admitsGrowth(entry, by);
  }

  /** Nothing is admitted by this pool any more; its open calls go on and still give back what they reserved. */
  retire(): void {
    this.isRetired = true;
    this.pending = [];
    this.pendingNanoUsd = 0n;
    this.shared.set(this.unpostedKey, 0n);
  }
}
