import { type AccountState, type BudgetState, budgetWindow } from '@ecolink/contracts';
import type { SharedTotals } from '@ecolink/shared-state';
import { BudgetWindowPool, isInScope, windowOf } from './budget-window-pool.js';
import type { CallReservation } from './call-reservation.js';
import type { PendingCost, SpendingCall } from './spending-pool.js';

/** Calls of the account that a window which begins to be counted may hold. */
export interface KnownCalls {
  readonly pending: readonly PendingCost[];
  readonly open: ReadonlySet<CallReservation>;
}

/** The window of now, the one before it, whose calls may still be on their way in, and one that billing has not got to. */
const WINDOWS_MAX = 3;

/**
 * The budgets of one account. Billing says what the window of its now has spent; a call is counted by the window in which it
 * was admitted, and the first one of a new window opens it. Nothing has to be reset for that.
 */
export class BudgetPools {
  private budgets: readonly BudgetState[] = [];
  private readonly windows = new Map<string, BudgetWindowPool[]>();
  private timeZone = 'UTC';
  private postedPosition = 0;

  constructor(private readonly shared: SharedTotals) {}

  apply(account: AccountState, postedPosition: number, known: KnownCalls): void {
    const { budgets = [], time_zone: timeZone = 'UTC' } = account;
    const isOtherZone = timeZone !== this.timeZone;
    this.budgets = budgets;
    this.timeZone = timeZone;
    this.postedPosition = postedPosition;
    if (budgets.length === 0 && this.windows.size === 0) return;
    const ids = new Set(budgets.map(({ budget_id: id }) => id));
    for (const id of [...this.windows.keys()]) if (!ids.has(id)) this.keep(id, []);
    for (const budget of budgets) {
      const windows = this.windowsOf(budget);
      for (const window of windows) window.apply(budget, postedPosition);
      // Another zone cuts other windows: what the old ones held is found again in the new.
      if (isOtherZone)
        this.keep(
          budget.budget_id,
          windows.filter((window) => window.isWindowOf(budget)),
        );
      // At once: a call that was admitted just before the next one begins is still decided by what this one has spent.
      this.windowAt(budget, Date.parse(budget.window_started_at), known);
    }
  }

  /** What the call spends from beside the balance. */
  poolsOf(call: SpendingCall, known: KnownCalls): readonly BudgetWindowPool[] {
    if (this.budgets.length === 0) return NONE;
    return this.budgets
      .filter((budget) => isInScope(budget, call))
      .map((budget) => this.windowAt(budget, call.admittedAtMs, known));
  }

  private windowsOf(budget: BudgetState): readonly BudgetWindowPool[] {
    return this.windows.get(budget.budget_id) ?? NONE;
  }

  private windowAt(budget: BudgetState, atMs: number, known: KnownCalls): BudgetWindowPool {
    const windows = this.windowsOf(budget);
    const open = windows.find((window) => window.holds(atMs));
    if (open !== undefined) return open;
    const told = windowOf(budget);
    const isTold = atMs >= told.startedAt.getTime() && (told.endsAt === null || atMs < told.endsAt.getTime());
    const window = isTold ? told : budgetWindow(budget.period, this.timeZone, new Date(atMs));
    const opened = new BudgetWindowPool(budget, window, this.postedPosition, this.shared);
    for (const cost of known.pending) if (opened.counts(cost.call)) opened.pool.addPending(cost);
    for (const reservation of known.open) if (opened.counts(reservation.call)) reservation.join(opened);
    const inOrder = [...windows, opened].sort((left, right) => left.startsAtMs - right.startsAtMs);
    this.keep(budget.budget_id, inOrder.slice(-WINDOWS_MAX));
    return opened;
  }

  private keep(budgetId: string, windows: readonly BudgetWindowPool[]): void {
    for (const former of this.windows.get(budgetId) ?? NONE) if (!windows.includes(former)) former.pool.retire();
    if (windows.length === 0) this.windows.delete(budgetId);
    else this.windows.set(budgetId, [...windows]);
  }
}

const NONE: readonly BudgetWindowPool[] = [];
