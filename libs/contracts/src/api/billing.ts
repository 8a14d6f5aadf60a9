import { z } from 'zod';
import { transactionType } from '../events/ledger-posted.js';
import { usageOutcome } from '../events/usage-recorded.js';
import { nanoUsdText } from '../money.js';
import { unitsDto } from '../pricing.js';
import { listOf, listQueryFields } from './list.js';
import { resourceId } from './plain-text.js';

/** A moment from a query: RFC 3339, or a date that stands for its first moment in UTC. */
export const queryTime = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).transform((text) => new Date(text));

const format = z.enum(['json', 'csv']).default('json');

/** `GET /api/v1/billing`. */
export const billingSummary = z.object({
  /** Available: holds are taken off already. */
  balance_nano_usd: nanoUsdText,
  held_nano_usd: nanoUsdText,
  /** Since the first of the month, UTC. */
  month_cost_nano_usd: nanoUsdText,
  month_calls: z.int(),
  month_tokens: z.int(),
  /** Spent in the last hour. */
  burn_rate_nano_usd_per_hour: nanoUsdText,
  runs_out_at: z.iso.datetime().nullable(),
});
export type BillingSummary = z.infer<typeof billingSummary>;

export const transactionsQuery = z.strictObject({
  ...listQueryFields,
  type: transactionType.optional(),
  from: queryTime.optional(),
  to: queryTime.optional(),
  format,
});
export type TransactionsQuery = z.infer<typeof transactionsQuery>;

/** The operators' view of the same rows, of all accounts unless one is named. */
export const ledgerQuery = transactionsQuery.extend({ account_id: resourceId.optional() });
export type LedgerQuery = z.infer<typeof ledgerQuery>;

export const transactionView = z.object({
  id: z.string(),
  account_id: z.string(),
  created_at: z.iso.datetime(),
  type: transactionType,
  amount_nano_usd: nanoUsdText,
  balance_after_nano_usd: nanoUsdText,
  description: z.string(),
  instance_id: z.int().nullable(),
});
export type TransactionView = z.infer<typeof transactionView>;

export const transactionList = listOf(transactionView);

export const USAGE_GROUPS = ['day', 'model', 'key', 'source_tag', 'region'] as const;
export const usageGroup = z.enum(USAGE_GROUPS);
export type UsageGroup = z.infer<typeof usageGroup>;

/** `GET /api/v1/billing/usage`. `group_by` is a comma-separated list; default `day`. */
export const usageQuery = z.strictObject({
  from: queryTime.optional(),
  to: queryTime.optional(),
  group_by: z
    .string()
    .default('day')
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(usageGroup).min(1)),
  format,
});
export type UsageQuery = z.infer<typeof usageQuery>;

export const usageRow = z.object({
  day: z.iso.date().optional(),
  model: z.string().optional(),
  key_id: z.string().optional(),
  source_tag: z.string().nullable().optional(),
  region: z.string().nullable().optional(),
  calls: z.int(),
  input_tokens: z.int(),
  cached_input_tokens: z.int(),
  output_tokens: z.int(),
  images: z.int(),
  audio_milliseconds: z.int(),
  video_milliseconds: z.int(),
  cost_nano_usd: nanoUsdText,
});
export type UsageRow = z.infer<typeof usageRow>;

export const usageReport = z.object({
  object: z.literal('list'),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  group_by: z.array(usageGroup),
  data: z.array(usageRow),
  /** True where there were more groups than an answer may hold: ask for a shorter time or fewer groups. */
  truncated: z.boolean(),
});
export type UsageReport = z.infer<typeof usageReport>;

/** `GET /api/v1/billing/calls`. */
export const callsQuery = z.strictObject({ ...listQueryFields, request_id: resourceId.optional() });
export type CallsQuery = z.infer<typeof callsQuery>;

export const callView = z.object({
  id: z.string(),
  request_id: z.string(),
  model: z.string(),
  endpoint: z.string(),
  units: unitsDto,
  estimated: z.boolean(),
  cost_nano_usd: nanoUsdText,
  region: z.string().nullable(),
  key_id: z.string(),
  source_tag: z.string().nullable(),
  outcome: usageOutcome,
  status: z.int(),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime(),
  ttft_ms: z.number().nullable(),
  instance_id: z.int().nullable(),
  platform_model_id: z.string().nullable(),
});
export type CallView = z.infer<typeof callView>;

export const callList = listOf(callView);

/** `GET /admin/v1/ledger/trial-balance`. */
export const trialBalanceQuery = z.strictObject({ at: queryTime.optional() });
export type TrialBalanceQuery = z.infer<typeof trialBalanceQuery>;

export const trialBalance = z.object({
  at: z.iso.datetime(),
  /** True when all entries sum to zero and, without `at`, every balance equals the fold of its account's entries. */
  balanced: z.boolean(),
  total_nano_usd: z.string(),
  ledger_accounts: z.array(z.object({ ledger_account: z.string(), amount_nano_usd: z.string() })),
  problems: z.array(z.string()),
});
export type TrialBalance = z.infer<typeof trialBalance>;
