import type { AccountState, BudgetState, BusEvent } from '@ecolink/contracts';
import { nanoUsdToUsdLiteral } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { notificationEvent } from '../notification-event.js';
import { insertNotices } from './budget-notices.store.js';

const PERCENTS = [80, 100] as const;

/** What people hear of budgets that have just passed 80 % or all of their limit: each once in a window. */
export async function budgetNotices(
  transaction: Transaction,
  accounts: readonly AccountState[],
  now: Date,
): Promise<readonly BusEvent[]> {
  const passed = accounts.flatMap((account) =>
    (account.budgets ?? []).flatMap((budget) =>
      PERCENTS.filter((percent) => isPassed(budget, percent)).map((percent) => ({ account, budget, percent })),
    ),
  );
  if (passed.length === 0) return [];
  const fresh = await insertNotices(
    transaction,
    passed.map(({ budget, percent }) => ({ budget, percent })),
  );
  const news = new Set(fresh);
  return passed
    .filter(({ budget, percent }) => news.has(`${budget.budget_id} ${percent}`))
    .map(({ account, budget, percent }) => notice(account.account_id, budget, percent, now));
}

function isPassed(budget: BudgetState, percent: number): boolean {
  const limit = BigInt(budget.limit_nano_usd) + BigInt(budget.raised_nano_usd);
  return BigInt(budget.spent_nano_usd) * 100n >= limit * BigInt(percent);
}

function notice(accountId: string, budget: BudgetState, percent: number, now: Date): BusEvent {
  const limit = BigInt(budget.limit_nano_usd) + BigInt(budget.raised_nano_usd);
  const whose = budget.scope.id === null ? 'the account' : `${budget.scope.kind} ${budget.scope.id}`;
  const end = budget.window_ends_at === null ? 'for good' : `until ${budget.window_ends_at}`;
  return notificationEvent(
    {
      account_id: accountId,
      kind: 'budget_threshold',
      severity: percent === 100 ? 'critical' : 'warning',
      once_key: `budget/${budget.budget_id}/${budget.window_started_at}/${percent}`,
      title: percent === 100 ? `The ${budget.period} budget of ${whose} is used up` : `${percent} % of a budget is used`,
      text: `$${nanoUsdToUsdLiteral(BigInt(budget.spent_nano_usd))} of $${nanoUsdToUsdLiteral(limit)} are used (${whose}, ${budget.period}, ${end}).`,
    },
    now,
  );
}
