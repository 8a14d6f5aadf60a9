import type { SharedTotals } from '@ecolink/shared-state';
import { FairShare } from './fair-share.js';

/** One call's part in a pool: what is reserved for it. */
export interface PoolEntry {
  amount: bigint;
  /** It may outgrow what the pool covers. Of a router's calls only one at a time is allowed to, its oldest. */
  outgrows: boolean;
}

/**
 * Something that the calls of an account use up, on all routers together: money, or the tokens of a minute. What calls in
 * flight may still take of it is reserved, here and on the other routers.
 */
export abstract class ReservationPool {
  private reserved = 0n;
  /** In the order in which they were opened. */
  private readonly entries = new Set<PoolEntry>();
  protected readonly share: FairShare;
  private readonly reservedKey: string;

  /** @param name the same on every router, and of no other pool. */
  constructor(
    name: string,
    protected readonly shared: SharedTotals,
  ) {
    this.share = new FairShare(shared, 1n);
    this.reservedKey = `reserved:${name}`;
  }

  /** What is left with everything taken off that is known of but reservations. */
  abstract get available(): bigint;

  get openCalls(): number {
    return this.entries.size;
  }

  /**
   * Whether a call that may take so much fits: the router's only call does while anything is left of its share, further ones
   * where what is left covers everything that is reserved, theirs included, and this router's share of it does.
   */
  admits(amount: bigint): boolean {
    const { view } = this;
    if (view <= 0n) return false;
    if (this.entries.size > 0) return this.covers(amount, view);
    this.share.recompute(view);
    return this.share.left > 0n;
  }

  /**
   * The same for a call that turns out to take more than it seemed. The oldest one goes on uncovered when it was the only one
   * to begin with, or when all else that this router gave out has left something of its share: so a router passes its share
   * by one call, whatever the others are doing meanwhile.
   */
  admitsGrowth(entry: PoolEntry, by: bigint): boolean {
    if (this.covers(by, this.view)) return true;
    const [oldest] = this.entries;
    if (entry !== oldest) return false;
    entry.outgrows ||= this.share.left + entry.amount > 0n;
    return entry.outgrows;
  }

  reserve(entry: PoolEntry, by: bigint): void {
    if (this.entries.size === 0) entry.outgrows = true;
    this.entries.add(entry);
    entry.amount += by;
    this.changeReserved(by);
  }

  release(entry: PoolEntry): void {
    if (this.entries.delete(entry)) this.changeReserved(-entry.amount);
  }

  protected ofOthers(key: string): bigint {
    return this.shared.live() === 1 ? 0n : this.shared.others(key);
  }

  /** What calls of this router may reserve in all. */
  private get view(): bigint {
    return this.available - this.ofOthers(this.reservedKey);
  }

  private covers(amount: bigint, view: bigint): boolean {
    const rest = view - this.reserved;
    this.share.recompute(rest);
    return rest - amount > 0n && this.share.left >= amount;
  }

  private changeReserved(by: bigint): void {
    this.reserved += by;
    this.share.take(by);
    this.shared.set(this.reservedKey, this.reserved);
  }
}
