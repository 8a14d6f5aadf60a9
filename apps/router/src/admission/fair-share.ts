import type { SharedTotals } from '@ecolink/shared-state';

/**
 * What one router may still give out of something that all routers share, money or requests: its part of what was left when
 * all had last heard of each other. A new part is taken only when every router has heard what this one gave out until then,
 * and has answered: earlier, the same rest would be given out twice. A router that is alone has all of it.
 */
export class FairShare {
  private leftOfShare = 0n;
  /** The message that tells the other routers of the last change. */
  private validAfterMessage = -1;
  private isComputed = false;

  constructor(
    private readonly shared: SharedTotals,
    /** The smallest share of a rest that is not used up: 1n for what cannot be divided further. */
    private readonly least = 0n,
  ) {}

  /** Goes by what remains in all, where that is known well enough. */
  recompute(remaining: bigint): void {
    const { shared } = this;
    const live = shared.live();
    if (live === 1) this.leftOfShare = remaining;
    else if (shared.acknowledged() < this.validAfterMessage) return;
    else this.leftOfShare = remaining < this.least ? remaining : larger(remaining / BigInt(live), this.least);
    this.isComputed = true;
  }

  /** The next computation goes by what remains then, acknowledged or not. */
  invalidate(): void {
    this.validAfterMessage = -1;
  }

  /** Below 0 after something larger than what was left. */
  get left(): bigint {
    return this.leftOfShare;
  }

  /** Negative amounts are given back. */
  take(amount: bigint): void {
    this.leftOfShare -= amount;
    // What was given out before the first computation is part of it.
    if (this.isComputed) this.validAfterMessage = this.shared.nextMessage();
  }
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
