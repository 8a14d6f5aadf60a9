import type { SharedTotals } from '@ecolink/shared-state';
import { FairShare } from './fair-share.js';

interface Slots {
  taken: number;
  readonly share: FairShare;
}

/**
 * Calls in flight of accounts. A slot is held by a connection that lives, and is free again when that is over; those of a
 * router that died are free as soon as the others hear nothing of it.
 */
export class ConcurrencyLimiter {
  /** Accounts with calls in flight. */
  private readonly slots = new Map<string, Slots>();

  constructor(private readonly shared: SharedTotals) {}

  /** Takes a slot. @returns how it is given back, once; undefined where there is none. */
  take(accountId: string, limit: number): (() => void) | undefined {
    const { shared } = this;
    const slots = this.slots.get(accountId) ?? { taken: 0, share: new FairShare(shared, 1n) };
    const others = shared.live() === 1 ? 0 : Number(shared.others(keyOf(accountId)));
    // While others cannot be heard, each keeps to its share of the limit.
    const own = shared.hearsOthers() ? limit : Math.max(1, Math.floor(limit / shared.live()));
    slots.share.recompute(BigInt(limit - others - slots.taken));
    if (slots.taken + others >= limit || slots.taken >= own || slots.share.left < 1n) return undefined;
    this.slots.set(accountId, slots);
    this.change(accountId, slots, 1);
    let isGivenBack = false;
    return () => {
      if (isGivenBack) return;
      isGivenBack = true;
      this.change(accountId, slots, -1);
      if (slots.taken === 0) this.slots.delete(accountId);
    };
  }

  private change(accountId: string, slots: Slots, by: number): void {
    slots.taken += by;
    slots.share.take(BigInt(by));
    this.shared.set(keyOf(accountId), BigInt(slots.taken));
  }
}

function keyOf(accountId: string): string {
  return `concurrent:${accountId}`;
}
