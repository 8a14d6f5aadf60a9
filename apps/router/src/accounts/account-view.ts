import type { AccountState, NanoUsd, Refusal } from '@ecolink/contracts';
import type { SharedTotals } from '@ecolink/shared-state';
import { Highest } from '../observe/highest.js';

/** What one call may cost until it is settled. Released once, whatever happens. */
export interface Reservation {
  release(): void;
}

export type Admission =
  { readonly kind: 'admitted'; readonly reservation: Reservation } | { readonly kind: 'refused'; readonly refusal: Refusal };

interface PendingCost {
  readonly position: number;
  readonly costNanoUsd: NanoUsd;
}

const INSUFFICIENT: Refusal = {
  code: 'insufficient_balance',
  message: 'the account balance is used up: add credit to go on',
};

/**
 * One account as this router sees it: the balance that billing pushed, less the costs of this router's calls that the
 * pushed balance does not hold yet, less what calls in flight may still cost, and less the same of the other routers.
 */
export class AccountView {
  private balanceNanoUsd: NanoUsd;
  private heldNanoUsd: NanoUsd;
  private pending: PendingCost[] = [];
  private pendingNanoUsd: NanoUsd = 0n;
  private reservedNanoUsd: NanoUsd = 0n;
  private reservations = 0;
  /** The message to the other routers that follows the dealing of `share`. */
  private dealtBefore = -1;
  /** What this router may still reserve before the next dealing; below 0 after a call larger than what was left. */
  private share: NanoUsd = 0n;

  constructor(
    private current: AccountState,
    private readonly source: string,
    private readonly shared: SharedTotals,
    private readonly overspend = new Highest(),
  ) {
    this.balanceNanoUsd = BigInt(current.balance_nano_usd);
    this.heldNanoUsd = BigInt(current.held_nano_usd);
  }

  get state(): AccountState {
    return this.current;
  }

  /** Available balance with everything taken off that this router knows of but reservations. */
  get availableNanoUsd(): NanoUsd {
    return this.balanceNanoUsd - this.pendingNanoUsd - this.heard('unposted');
  }

  get openReservations(): number {
    return this.reservations;
  }

  /** Takes a newer state of billing; its balance includes this router's journal up to the posted position. */
  apply(state: AccountState): void {
    this.current = state;
    this.balanceNanoUsd = BigInt(state.balance_nano_usd);
    this.heldNanoUsd = BigInt(state.held_nano_usd);
    this.forgetPosted(state.posted_positions[this.source] ?? 0);
    // Without the others' word, what billing says is the next best: it holds what they spent up to a moment ago.
    if (!this.shared.hearsOthers()) this.dealtBefore = -1;
  }

  /**
   * Admits a call that may cost up to about `expectedNanoUsd`. A lone call is served while there is any balance at all;
   * beside others, only while the balance covers what they have reserved: so a burst cannot run past zero. Until they have
   * heard of each other again each of several routers reserves its share of what is left, and passes it by one call at the most.
   */
  reserve(expectedNanoUsd: NanoUsd): Admission {
    const available = this.availableNanoUsd;
    if (available <= 0n) return { kind: 'refused', refusal: INSUFFICIENT };
    const reserved = this.reservedNanoUsd + this.heard('reserved');
    const isAlone = this.reservations === 0 && reserved === 0n;
    this.deal(available - reserved);
    if (!isAlone && (available - reserved <= 0n || this.share <= 0n)) return { kind: 'refused', refusal: INSUFFICIENT };
    return { kind: 'admitted', reservation: this.open(expectedNanoUsd) };
  }

  /** Admits a call to an own instance whose price is 0: money held for its hours counts too. */
  admitFree(): Admission {
    if (this.availableNanoUsd + this.heldNanoUsd <= 0n) return { kind: 'refused', refusal: INSUFFICIENT };
    return { kind: 'admitted', reservation: { release: () => undefined } };
  }

  /** A call of this router ended and is in its journal at `position`; billing has yet to post it. */
  addPending(position: number, costNanoUsd: NanoUsd): void {
    if (costNanoUsd === 0n || position <= (this.current.posted_positions[this.source] ?? 0)) return;
    this.pending.push({ position, costNanoUsd });
    this.pendingNanoUsd += costNanoUsd;
    this.share -= costNanoUsd;
    this.say('unposted', this.pendingNanoUsd);
  }

  /**
   * What is left of the balance, dealt among the routers that live; and anew once all of them have heard what this one had
   * reserved and spent by then. A router that is alone has all of it.
   */
  private deal(leftNanoUsd: NanoUsd): void {
    const live = this.shared.live();
    if (live === 1) this.share = leftNanoUsd;
    else if (this.shared.acknowledged() < this.dealtBefore) return;
    else this.share = leftNanoUsd / BigInt(live);
    this.dealtBefore = this.shared.nextMessage();
  }

  private open(expectedNanoUsd: NanoUsd): Reservation {
    this.reservations += 1;
    this.reservedNanoUsd += expectedNanoUsd;
    this.share -= expectedNanoUsd;
    this.say('reserved', this.reservedNanoUsd);
    let released = false;
    return {
      release: () => {
        if (released) return;
        released = true;
        this.reservations -= 1;
        this.reservedNanoUsd -= expectedNanoUsd;
        this.share += expectedNanoUsd;
        this.say('reserved', this.reservedNanoUsd);
      },
    };
  }

  private forgetPosted(position: number): void {
    const rest = this.pending.filter((cost) => cost.position > position);
    if (rest.length === this.pending.length) return;
    this.pending = rest;
    // By billing's own figure, and only where calls of this router are in it: a correction is no overspend.
    if (this.balanceNanoUsd < 0n) this.overspend.note(-this.balanceNanoUsd);
    this.pendingNanoUsd = rest.reduce((sum, cost) => sum + cost.costNanoUsd, 0n);
    this.say('unposted', this.pendingNanoUsd);
  }

  private heard(what: 'unposted' | 'reserved'): NanoUsd {
    return this.shared.live() === 1 ? 0n : this.shared.others(`${what}:${this.current.account_id}`);
  }

  private say(what: 'unposted' | 'reserved', value: NanoUsd): void {
    this.shared.set(`${what}:${this.current.account_id}`, value);
  }
}
