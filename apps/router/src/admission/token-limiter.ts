import type { SharedTotals } from '@ecolink/shared-state';
import { type PoolEntry, ReservationPool } from './reservation-pool.js';
import type { LimitDecision } from './sliding-window.js';
import { SlidingWindowLimiter } from './sliding-window.js';

/** A call's part in its account's tokens of the minute. */
export interface TokenReservation {
  /** What it has used in the end; counts from now on for a minute. */
  settle(tokens: number): void;
  /** Gives back what is reserved. Once, however often it is called. */
  release(): void;
}

export type TokenAdmission =
  | { readonly kind: 'admitted'; readonly reservation: TokenReservation; readonly decision: LimitDecision }
  | { readonly kind: 'refused'; readonly decision: LimitDecision };

/** Accounts whose pools are kept; those without calls in flight go first. */
const POOLS_MAX = 10_000;

/**
 * Tokens per minute of accounts, in and out together. What a call uses is known when it ends, so it is admitted like money: an
 * account's only call while anything is left, further ones where what is left covers what those in flight may use.
 */
export class TokenLimiter {
  private readonly used: SlidingWindowLimiter;
  private readonly pools = new Map<string, TokenPool>();

  constructor(
    private readonly shared: SharedTotals,
    now?: () => number,
  ) {
    this.used = new SlidingWindowLimiter(shared, now, undefined, 'tokens');
  }

  /** @param tokensMax the most that the call is reckoned with. */
  admit(accountId: string, limit: number, tokensMax: bigint): TokenAdmission {
    const pool = this.poolOf(accountId);
    pool.limit = limit;
    const isAdmitted = pool.admits(tokensMax);
    const decision = this.decisionOf(accountId, pool, isAdmitted);
    if (!isAdmitted) return { kind: 'refused', decision };
    const entry: PoolEntry = { amount: 0n, outgrows: false };
    pool.reserve(entry, tokensMax);
    return {
      kind: 'admitted',
      decision,
      reservation: { settle: (tokens) => pool.noteUsed(tokens), release: () => pool.release(entry) },
    };
  }

  private decisionOf(accountId: string, pool: TokenPool, admitted: boolean): LimitDecision {
    const remaining = Math.max(0, Number(pool.available));
    const resetSeconds = this.used.secondsUntilFree(accountId, pool.limit);
    return { admitted, limit: pool.limit, remaining, resetSeconds };
  }

  private poolOf(accountId: string): TokenPool {
    let pool = this.pools.get(accountId);
    if (pool !== undefined) return pool;
    if (this.pools.size >= POOLS_MAX) this.forgetIdle();
    pool = new TokenPool(accountId, this.shared, this.used);
    this.pools.set(accountId, pool);
    return pool;
  }

  private forgetIdle(): void {
    for (const [accountId, pool] of this.pools) if (pool.openCalls === 0) this.pools.delete(accountId);
  }
}

class TokenPool extends ReservationPool {
  limit = 0;

  constructor(
    private readonly accountId: string,
    shared: SharedTotals,
    private readonly used: SlidingWindowLimiter,
  ) {
    super(`tokens:${accountId}`, shared);
  }

  noteUsed(tokens: number): void {
    this.used.add(this.accountId, tokens);
    this.share.take(BigInt(tokens));
  }

  override get available(): bigint {
    const { shared } = this;
    if (shared.hearsOthers()) return BigInt(this.limit - this.used.usedBy(this.accountId));
    // While others cannot be heard, each is taken to use its share of the limit.
    this.share.invalidate();
    return BigInt(Math.max(1, Math.floor(this.limit / shared.live())) - this.used.usedHereBy(this.accountId));
  }
}
