import { z } from 'zod';
import { resourceId } from './plain-text.js';

/** `POST /admin/v1/reconcile`. Without `account_id`: everything. */
export const reconcileQuery = z.strictObject({ account_id: resourceId.optional() });
export type ReconcileQuery = z.infer<typeof reconcileQuery>;

export const RECONCILED_MAX_DIFFERENCES = 1_000;

export const reconciledDifference = z.object({
  kind: z.enum(['transaction', 'balance', 'held', 'call_cost', 'call_posting', 'usage_totals', 'budget_spend']),
  account_id: z.string().nullable(),
  /** What differs: a transaction, an account, a usage event, or a quarter of an hour or day of an account. */
  subject: z.string(),
  message: z.string(),
  /** As recomputed from entries and usage; null where the difference is not an amount. */
  expected_nano_usd: z.string().nullable(),
  actual_nano_usd: z.string().nullable(),
});
export type ReconciledDifference = z.infer<typeof reconciledDifference>;

/** What was recomputed, and where that is not what is kept. Nothing is changed. */
export const reconciliation = z.object({
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime(),
  checked: z.object({ accounts: z.int(), transactions: z.int(), calls: z.int() }),
  balanced: z.boolean(),
  differences: z.array(reconciledDifference),
  /** True where there were more than 1,000 differences: the rest was not looked for. */
  truncated: z.boolean(),
});
export type Reconciliation = z.infer<typeof reconciliation>;
