import {
  ApiError,
  budgetWindow,
  type BillingSummary,
  type CallsQuery,
  type CallView,
  type LedgerQuery,
  type ListPage,
  type TransactionView,
  type UsageQuery,
  type UsageReport,
} from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { readAccountDays } from '../charges/days/usage-days.store.js';
import { findAccount } from '../identity/accounts/accounts.store.js';
import { type Clock, CLOCK } from '../injection.js';
import { listCalls } from './calls.store.js';
import { readGpuSpend } from './gpu-spend.store.js';
import { billingSummaryOf, hourAgo } from './summary.js';
import { exportTransactions, listTransactions } from './transactions.store.js';
import { dayText } from './whole-days.js';
import { groupUsage, sumCostSince, sumUsage, totalUsage } from './usage-report.store.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const REPORT_DAYS_DEFAULT = 30;
const REPORT_ROWS_MAX = 10_000;
const EXPORT_ROWS_MAX = 50_000;

/** What an account sees of its money. */
@Injectable()
export class Billing {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async summary(accountId: string): Promise<BillingSummary> {
    const now = this.clock();
    const { client } = this.database;
    const account = await findAccount(client, accountId);
    if (account === undefined) throw new ApiError('not_found', 'there is no such account');
    const accountDays = await readAccountDays(client, accountId);
    const { timeZone } = accountDays;
    const { startedAt: monthStart } = budgetWindow('month', timeZone, now);
    const [month, hourNanoUsd, gpu] = await Promise.all([
      sumUsage(client, accountId, { ...accountDays, day: dayText(timeZone, monthStart) }),
      sumCostSince(client, accountId, hourAgo(now)),
      readGpuSpend(client, accountId, monthStart),
    ]);
    const balanceNanoUsd = BigInt(account.balance_nano_usd);
    return { ...billingSummaryOf({ balanceNanoUsd, month, hourNanoUsd, gpu }, now), time_zone: timeZone };
  }

  transactions(query: LedgerQuery): Promise<ListPage<TransactionView>> {
    return listTransactions(this.database.client, query);
  }

  exportTransactions(query: LedgerQuery): Promise<readonly TransactionView[]> {
    return exportTransactions(this.database.client, query, EXPORT_ROWS_MAX);
  }

  async usage(accountId: string, query: UsageQuery): Promise<UsageReport> {
    const to = query.to ?? this.clock();
    const from = query.from ?? new Date(to.getTime() - REPORT_DAYS_DEFAULT * DAY_MS);
    const accountDays = await readAccountDays(this.database.client, accountId);
    const { timeZone } = accountDays;
    const request = { from, to, ...accountDays, groups: query.group_by, limit: REPORT_ROWS_MAX + 1 };
    const rows = await groupUsage(this.database.client, accountId, request);
    const totals = await totalUsage(this.database.client, accountId, request);
    return {
      object: 'list',
      from: from.toISOString(),
      to: to.toISOString(),
      group_by: query.group_by,
      time_zone: timeZone,
      data: rows.slice(0, REPORT_ROWS_MAX),
      totals,
      truncated: rows.length > REPORT_ROWS_MAX,
    };
  }

  calls(accountId: string, query: CallsQuery): Promise<ListPage<CallView>> {
    return listCalls(this.database.client, accountId, query);
  }
}
