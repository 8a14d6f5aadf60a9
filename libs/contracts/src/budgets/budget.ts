import { z } from 'zod';
import { nanoUsdText } from '../money.js';
import { openObject } from '../open-object.js';

export const budgetPeriod = z.enum(['day', 'week', 'month', 'lifetime']);
export type BudgetPeriod = z.infer<typeof budgetPeriod>;

export const budgetScopeKind = z.enum(['account', 'user', 'key']);
export type BudgetScopeKind = z.infer<typeof budgetScopeKind>;

/** More would make every `account.changed` long. */
export const BUDGETS_PER_ACCOUNT_MAX = 100;

/**
 * A budget as routers get it, inside `account.changed`: what its window has spent belongs to the same journal positions as the
 * balance beside it. A router adds its own calls behind them. From `window_ends_at` on, a new window (`budgetWindow`) has
 * spent only what the router itself counts since, until the next record says more.
 */
export const budgetState = openObject({
  budget_id: z.string(),
  scope: openObject({
    kind: budgetScopeKind,
    id: z.string().nullable().describe('The key or the user (by whom a key was created); null for the account.'),
  }),
  period: budgetPeriod,
  limit_nano_usd: nanoUsdText,
  raised_nano_usd: nanoUsdText.describe('Added to the limit in this window only.'),
  window_started_at: z.iso.datetime(),
  window_ends_at: z.iso.datetime().nullable().describe('Null for a lifetime.'),
  spent_nano_usd: nanoUsdText.describe('Calls of the scope that were admitted within the window and are posted.'),
});
export type BudgetState = z.infer<typeof budgetState>;
