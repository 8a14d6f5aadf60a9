import { z } from 'zod';
import { transactionType } from '../events/ledger-posted.js';
import { usageOutcome } from '../events/usage-recorded.js';
import { byName, SUMMED_UNITS } from '../metering/units.js';
import { nanoUsdText } from '../money.js';
import { unitsDto } from '../pricing.js';
import { listOf, listQueryWith } from './list.js';
import { resourceId } from './plain-text.js';

/** A moment from a query: RFC 3339, or a date that stands for its first moment in UTC. */
export const queryTime = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).transform((text) => new Date(text));

const format = z.enum(['json', 'csv']).default('json');

/** A running hold of an instance, and how much of it the cycle has used so far. */
const holdUse = z.object({
  instance_id: z.int(),
  hold_nano_usd: nanoUsdText,
  used_nano_usd: nanoUsdText,
});

/** `GET /api/v1/billing`. */
export const billingSummary = z.object({
  /** Available: holds are taken off already. */
  balance_nano_usd: nanoUsdText,
  /** The unspent part of all holds: the sum of `holds`, each less what is used of it. */
  held_nano_usd: nanoUsdText,
  holds: z.array(holdUse).describe('The account’s running holds; their unspent parts add up to `held_nano_usd`.'),
  /** Calls and GPU hours since the first of the month in the account’s time zone. */
  month_cost_nano_usd: nanoUsdText,
  month_calls: z.int(),
  month_tokens: z.int(),
  time_zone: z.string(),
  /** Spent on calls in the last hour, and what running instances cost an hour with every replica ready. */
  burn_rate_nano_usd_per_hour: nanoUsdText,
  runs_out_at: z.iso.datetime().nullable(),
});
export type BillingSummary = z.infer<typeof billingSummary>;

const transactionsFilter = {
  type: transactionType.optional(),
  from: queryTime.optional(),
  to: queryTime.optional(),
  format,
};

export const transactionsQuery = listQueryWith(transactionsFilter);
export type TransactionsQuery = z.infer<typeof transactionsQuery>;

/** The operators' view of the same rows, of all accounts unless one is named. */
export const ledgerQuery = listQueryWith({ ...transactionsFilter, account_id: resourceId.optional() });
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
  /** Of a top-up, where its provider has one. */
  receipt_url: z.string().nullable().optional(),
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
  ...byName(SUMMED_UNITS, () => z.int()),
  cost_nano_usd: nanoUsdText,
});
export type UsageRow = z.infer<typeof usageRow>;

const usageTotals = usageRow.omit({ day: true, model: true, key_id: true, source_tag: true, region: true });
export type UsageTotalsView = z.infer<typeof usageTotals>;

export const usageReport = z.object({
  object: z.literal('list'),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  group_by: z.array(usageGroup),
  /** Cuts the days. Usage is kept by quarters of an hour: `from` and `to` are taken to the quarters around them. */
  time_zone: z.string(),
  data: z.array(usageRow),
  /** Over everything that the query selects, shown or not. */
  totals: usageTotals,
  /** True where there were more groups than an answer may hold: ask for a shorter time or fewer groups. */
  truncated: z.boolean(),
});
export type UsageReport = z.infer<typeof usageReport>;

/** `GET /api/v1/billing/calls`. */
export const callsQuery = listQueryWith({ request_id: resourceId.optional() });
export type CallsQuery = z.infer<typeof callsQuery>;

export const callView = z.object({
  id: z.string(),
  request_id: z.string(),
  model: z.string(),
  endpoint: z.string(),
  units: unitsDto,
  estimated: z.boolean(),
  cost_nano_usd: nanoUsdText,
  /** Of a job that failed: what was given back of its cost. */
  refunded_nano_usd: nanoUsdText.optional(),
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
