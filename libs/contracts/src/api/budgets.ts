import { z } from 'zod';
import { budgetPeriod, budgetScopeKind } from '../budgets/budget.js';
import { nanoUsdText, nanoUsdTextNonNegative } from '../money.js';
import { listOf } from './list.js';
import { resourceId } from './plain-text.js';

const budgetScope = z
  .strictObject({ kind: budgetScopeKind, id: resourceId.optional() })
  .refine((scope) => (scope.kind === 'account') === (scope.id === undefined), {
    path: ['id'],
    message: 'names the key or the user, and nothing for an account',
  });

/** `POST /api/v1/budgets`. */
export const createBudget = z.strictObject({
  scope: budgetScope,
  period: budgetPeriod,
  limit_nano_usd: nanoUsdTextNonNegative,
});
export type CreateBudget = z.infer<typeof createBudget>;

export const patchBudget = z.strictObject({ limit_nano_usd: nanoUsdTextNonNegative });
export type PatchBudget = z.infer<typeof patchBudget>;

/** `POST /api/v1/budgets/{id}/raise`: for the window of now only, and once. */
export const raiseBudget = z.strictObject({
  by_nano_usd: nanoUsdTextNonNegative.refine((text) => text !== '0', 'must be more than 0'),
});
export type RaiseBudget = z.infer<typeof raiseBudget>;

export const budgetView = z.object({
  id: z.string(),
  scope: z.object({ kind: budgetScopeKind, id: z.string().nullable() }),
  period: budgetPeriod,
  limit_nano_usd: nanoUsdText,
  raised_nano_usd: nanoUsdText,
  spent_nano_usd: nanoUsdText,
  window_started_at: z.iso.datetime(),
  window_ends_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
});
export type BudgetView = z.infer<typeof budgetView>;
export const budgetList = listOf(budgetView);
