import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import type { JsonOf } from '../../api/json-of.js';
import { dayStart, monthStart } from '../../format/zoned.js';

export const GROUPS = ['model', 'key', 'source_tag', 'region'] as const;
export type Group = (typeof GROUPS)[number];
export const RANGES = ['month', 'last_month', '30d', '90d'] as const;
export type Range = (typeof RANGES)[number];
export const TYPES = [
  'topup',
  'auto_recharge',
  'api_usage',
  'gpu_usage',
  'hold',
  'hold_release',
  'refund',
  'bonus',
  'admin_correction',
  'contract_grant',
  'bonus_grant',
  'storage_billing',
] as const;
export type TransactionType = (typeof TYPES)[number];

const DAY_MS = 86_400_000;
const WINDOW = 100;
/** More rows than anybody scrolls through; the rest is in the CSV. */
const WINDOWS_MAX = 1_000;
const POLL_MS = 15_000;
const BUDGETS = 100;

/** Days are whole in the account's zone, so that the month's total is the card's. */
function timesOf(range: Range, zone: string, now = new Date()): { readonly from: Date; readonly to: Date | undefined } {
  switch (range) {
    case 'month':
      return { from: monthStart(now, zone), to: undefined };
    case 'last_month':
      return { from: monthStart(now, zone, 1), to: monthStart(now, zone) };
    case '30d':
      return { from: new Date(now.getTime() - 30 * DAY_MS), to: undefined };
    case '90d':
      return { from: new Date(now.getTime() - 90 * DAY_MS), to: undefined };
  }
}

async function loadUsage(group: Group, range: Range, zone: string): Promise<Usage> {
  const { from, to } = timesOf(range, zone);
  const query = { from: from.toISOString(), group_by: `day,${group}`, ...(to === undefined ? {} : { to: to.toISOString() }) };
  return (await take(api.GET('/api/v1/billing/usage', { params: { query } }))) as Usage;
}

/** Cost of calls a day and group; its totals count every call of the time. */
export const usageQuery = (group: Group, range: Range, zone: string) =>
  queryOptions({
    queryKey: ['billing', 'usage', group, range, zone],
    queryFn: () => loadUsage(group, range, zone),
  });
export type Usage = JsonOf<'/api/v1/billing/usage'>;

export interface TransactionFilter {
  readonly type?: TransactionType | undefined;
  /** Days in the account's zone, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export function transactionTimes({ type, from, to }: TransactionFilter, zone: string) {
  const start = from === undefined ? undefined : dayStart(from, zone);
  const end = to === undefined ? undefined : dayStart(to, zone, 1);
  return {
    ...(type === undefined ? {} : { type }),
    ...(start === undefined ? {} : { from: start.toISOString() }),
    ...(end === undefined ? {} : { to: end.toISOString() }),
  };
}

type Transactions = JsonOf<'/api/v1/billing/transactions'>;
export type Transaction = Transactions['data'][number];

async function loadTransactions(filter: TransactionFilter, zone: string, after: string | undefined): Promise<Transactions> {
  const query = { limit: WINDOW, ...transactionTimes(filter, zone), ...(after === undefined ? {} : { after }) };
  return (await take(api.GET('/api/v1/billing/transactions', { params: { query } }))) as Transactions;
}

/** Windows of the ledger, newest first. The stream does not touch them: only the first window is asked again, by the clock. */
export const transactionsQuery = (filter: TransactionFilter, zone: string) =>
  infiniteQueryOptions({
    queryKey: ['transactions', filter, zone],
    queryFn: ({ pageParam }) => loadTransactions(filter, zone, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last, pages) => (last.has_more && pages.length < WINDOWS_MAX ? (last.last_id ?? undefined) : undefined),
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? POLL_MS : false),
    refetchOnWindowFocus: ({ state }) => state.data?.pages.length === 1,
    refetchOnMount: ({ state }) => state.data?.pages.length === 1,
  });

export const cardQuery = queryOptions({
  queryKey: ['billing', 'card'],
  queryFn: async () => take(api.GET('/api/v1/billing/card')),
});

export const budgetsQuery = queryOptions({
  queryKey: ['billing', 'budgets'],
  queryFn: async () => (await take(api.GET('/api/v1/budgets', { params: { query: { limit: BUDGETS } } }))).data,
});
export type Budget = Awaited<ReturnType<NonNullable<typeof budgetsQuery.queryFn>>>[number];

export const rechargeQuery = queryOptions({
  queryKey: ['billing', 'auto-recharge'],
  queryFn: async () => take(api.GET('/api/v1/billing/auto-recharge')),
});
export type Recharge = Awaited<ReturnType<NonNullable<typeof rechargeQuery.queryFn>>>;
