import { type BudgetState, type BudgetWindow, type NanoUsd, nanoUsdToUsdLiteral, type Refusal } from '@ecolink/contracts';
import type { SharedTotals } from '@ecolink/shared-state';
import type { RefusingPool } from './call-reservation.js';
import { type SpendingCall, SpendingPool } from './spending-pool.js';

/** What calls may still spend of one window of a budget. */
export class BudgetWindowPool implements RefusingPool {
  readonly pool: SpendingPool;
  readonly startsAtMs: number;
  private readonly endsAtMs: number;
  private limitNanoUsd: NanoUsd;
  private raisedNanoUsd: NanoUsd = 0n;

  /** @param postedPosition up to which billing has posted this router's calls: what is behind it is to be added. */
  constructor(
    private state: BudgetState,
    window: BudgetWindow,
    postedPosition: number,
    shared: SharedTotals,
  ) {
    this.startsAtMs = window.startedAt.getTime();
    this.endsAtMs = window.endsAt?.getTime() ?? Infinity;
    this.pool = new SpendingPool(`${state.budget_id}/${this.startsAtMs}-${this.endsAtMs}`, shared);
    this.limitNanoUsd = BigInt(state.limit_nano_usd);
    this.pool.apply(this.limitNanoUsd, postedPosition);
    this.apply(state, postedPosition);
  }

  /** Takes what billing says of the budget. Where its figure is another window's, only the limit is this one's too. */
  apply(state: BudgetState, postedPosition: number): void {
    const limit = BigInt(state.limit_nano_usd);
    if (this.isWindowOf(state)) {
      this.raisedNanoUsd = BigInt(state.raised_nano_usd);
      this.pool.apply(limit + this.raisedNanoUsd - BigInt(state.spent_nano_usd), postedPosition);
    } else this.pool.shift(limit - this.limitNanoUsd);
    this.limitNanoUsd = limit;
    this.state = state;
  }

  isWindowOf(state: BudgetState): boolean {
    const { startedAt, endsAt } = windowOf(state);
    return startedAt.getTime() === this.startsAtMs && (endsAt?.getTime() ?? Infinity) === this.endsAtMs;
  }

  holds(atMs: number): boolean {
    return atMs >= this.startsAtMs && atMs < this.endsAtMs;
  }

  counts(call: SpendingCall): boolean {
    return this.holds(call.admittedAtMs) && isInScope(this.state, call);
  }

  refusal(): Refusal {
    const { scope, period } = this.state;
    const whose = scope.id === null ? 'the account' : `${scope.kind} ${scope.id}`;
    const opens = Number.isFinite(this.endsAtMs)
      ? `it opens again at ${new Date(this.endsAtMs).toISOString()}`
      : 'it does not open again by itself';
    return {
      code: 'budget_reached',
      message: `the ${PERIOD_NAMES[period]} budget of ${whose}, $${nanoUsdToUsdLiteral(this.limitNanoUsd + this.raisedNanoUsd)}, is used up: ${opens}, and an owner can raise it`,
    };
  }
}

const PERIOD_NAMES = { day: 'daily', week: 'weekly', month: 'monthly', lifetime: 'lifetime' } as const;

/** The window that billing's figure is of. */
export function windowOf(state: BudgetState): BudgetWindow {
  const { window_started_at: startedAt, window_ends_at: endsAt } = state;
  return { startedAt: new Date(startedAt), endsAt: endsAt === null ? null : new Date(endsAt) };
}

export function isInScope({ scope }: BudgetState, { keyId, userId }: Omit<SpendingCall, 'admittedAtMs'>): boolean {
  switch (scope.kind) {
    case 'account':
      return true;
    case 'key':
      return scope.id === keyId;
    case 'user':
      return scope.id === userId;
  }
}
