import type { AccountState, NanoUsd, Refusal } from '@ecolink/contracts';
import type { SharedTotals } from '@ecolink/shared-state';
import { HighWaterMark } from '../observe/high-water-mark.js';
import { BudgetPools } from './budget-pools.js';
import {
  type Admission,
  type CallCost,
  NOTHING_RESERVED,
  type OpenCalls,
  type RefusingPool,
  reserveIn,
} from './call-reservation.js';
import { type PendingCost, type SpendingCall, SpendingPool } from './spending-pool.js';

const INSUFFICIENT_BALANCE: Refusal = {
  code: 'insufficient_balance',
  message: 'the account balance is used up: add credit to go on',
};

const FREE: Admission = { kind: 'admitted', reservation: NOTHING_RESERVED };

/** How far money was seen to go, for operators: what happened, and what can happen at the most. */
export class SpendingExtremes {
  /** How far calls ran past a balance of zero, in nano-USD. */
  readonly overspend = new HighWaterMark();
  /** The most that one admitted call could cost, in nano-USD. */
  readonly dearestCall = new HighWaterMark();
}

/** One account as this router sees it: its balance and its budgets, and what its calls may still spend of them. */
export class AccountBudget {
  private heldNanoUsd: NanoUsd = 0n;
  private readonly pool: SpendingPool;
  private readonly balance: RefusingPool;
  private readonly budgets: BudgetPools;
  private readonly open: OpenCalls = new Set();

  constructor(
    private current: AccountState,
    private readonly source: string,
    shared: SharedTotals,
    private readonly extremes = new SpendingExtremes(),
  ) {
    this.pool = new SpendingPool(current.account_id, shared);
    this.balance = { pool: this.pool, refusal: () => INSUFFICIENT_BALANCE };
    this.budgets = new BudgetPools(shared);
    this.apply(current);
  }

  get state(): AccountState {
    return this.current;
  }

  /** Available balance with everything taken off that this router knows of but reservations. */
  get availableNanoUsd(): NanoUsd {
    return this.pool.available;
  }

  get openReservations(): number {
    return this.open.size;
  }

  /** False where no call whatever could be served: not even money that is held for own instances is left. */
  get hasMoney(): boolean {
    return this.availableNanoUsd + this.heldNanoUsd > 0n;
  }

  /** Takes a newer state of billing; its balance includes this router's journal up to the posted position. */
  apply(state: AccountState): void {
    this.current = state;
    this.heldNanoUsd = BigInt(state.held_nano_usd);
    const balance = BigInt(state.balance_nano_usd);
    const postedPosition = state.posted_positions[this.source] ?? 0;
    const holdsOwnCalls = this.pool.apply(balance, postedPosition);
    this.budgets.apply(state, postedPosition, this.known);
    // By billing's own figure, and only where calls of this router are in it: a correction is no overspend.
    if (holdsOwnCalls && balance < 0n) this.extremes.overspend.note(-balance);
  }

  /**
   * Admits a call that may cost so much: 402 `insufficient_balance`, then `budget_reached`. A lone call is served while anything
   * at all is left of the balance and of each budget that counts it.
   */
  reserve(cost: CallCost, call: SpendingCall): Admission {
    // What costs nothing takes nothing, and is not in the way of what does.
    if (cost.worstNanoUsd === 0n) return this.availableNanoUsd > 0n ? FREE : { kind: 'refused', refusal: INSUFFICIENT_BALANCE };
    const pools = [this.balance, ...this.budgets.poolsOf(call, this.known)];
    const admission = reserveIn(pools, cost, call, this.open);
    if (admission.kind === 'admitted') this.extremes.dearestCall.note(cost.worstNanoUsd);
    return admission;
  }

  /** Admits a call to an own instance whose price is 0: money held for its hours counts too. */
  admitFree(): Admission {
    return this.hasMoney ? FREE : { kind: 'refused', refusal: INSUFFICIENT_BALANCE };
  }

  /** A call that an earlier run of this router ended: it is in the journal at `position`, and billing has yet to post it. */
  addPending(cost: PendingCost): void {
    const budgets = this.budgets.poolsOf(cost.call, this.known);
    for (const { pool } of [this.balance, ...budgets]) pool.addPending(cost);
  }

  private get known() {
    return { pending: this.pool.pendingCosts, open: this.open };
  }
}
