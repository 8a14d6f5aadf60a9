import { ApiError, RECONCILED_MAX_DIFFERENCES, type ReconciledDifference, type Reconciliation } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { findAccount } from '../../identity/accounts/accounts.store.js';
import { type Clock, CLOCK } from '../../injection.js';
import { PriceBook } from '../../pricing/prices/price-book.js';
import { readPriceVersions } from '../../pricing/prices/prices.store.js';
import { verifyTransactions } from '../verify-ledger.store.js';
import { type AccountFold, foldAccounts } from './account-folds.store.js';
import { pricedAt, recomputeCalls } from './recompute-calls.js';
import {
  type CallPlace,
  differingRefunds,
  readOrphanedPostings,
  readRecordedCalls,
  type RecordedCall,
} from './recorded-calls.store.js';
import { daysWithUsage, differingDays, differingQuarters, differingSpend, type SumDifference } from './usage-sums.store.js';

const ACCOUNTS_SLICE = 200;
const SLICE = 2_000;

/** Recomputes everything from ledger entries and recorded usage, slice by slice, and says what differs. Changes nothing. */
@Injectable()
export class Reconcile {
  private isRunning = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws 404 for an unknown account, 409 while another one runs in this process. */
  async run(accountId: string | undefined): Promise<Reconciliation> {
    if (accountId !== undefined && (await findAccount(this.database.client, accountId)) === undefined)
      throw new ApiError('not_found', 'there is no such account', { param: 'account_id' });
    if (this.isRunning) throw new ApiError('invalid_state', 'everything is being reconciled already');
    this.isRunning = true;
    try {
      return await new Run(this.database, this.clock).run(accountId);
    } finally {
      this.isRunning = false;
    }
  }
}

class Run {
  private readonly differences: ReconciledDifference[] = [];
  private readonly checked = { accounts: 0, transactions: 0, calls: 0 };

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async run(only: string | undefined): Promise<Reconciliation> {
    const startedAt = this.clock();
    if (only === undefined) await this.transactions();
    let after = '';
    while (!this.isFull) {
      const folds = await foldAccounts(this.database.client, { after, only, limit: ACCOUNTS_SLICE });
      for (const fold of folds) if (!this.isFull) await this.account(fold);
      if (folds.length < ACCOUNTS_SLICE) break;
      after = folds.at(-1)?.account_id ?? after;
    }
    return {
      started_at: startedAt.toISOString(),
      finished_at: this.clock().toISOString(),
      checked: this.checked,
      balanced: this.differences.length === 0,
      differences: this.differences.slice(0, RECONCILED_MAX_DIFFERENCES),
      truncated: this.isFull,
    };
  }

  private get isFull(): boolean {
    return this.differences.length > RECONCILED_MAX_DIFFERENCES;
  }

  private async transactions(): Promise<void> {
    let after: string | undefined = '0';
    while (after !== undefined && !this.isFull) {
      const slice = await verifyTransactions(this.database, after, SLICE);
      this.differences.push(...slice.problems.map(transactionDifference));
      after = slice.next;
    }
  }

  private async account(fold: AccountFold): Promise<void> {
    const { account_id: accountId } = fold;
    this.checked.accounts += 1;
    this.checked.transactions += fold.transactions;
    this.compare('balance', accountId, 'the balance is not the sum of the entries', [fold.available, fold.kept_available]);
    this.compare('held', accountId, 'what is held is not the sum of the entries', [fold.held, fold.kept_held]);
    this.compare('held', accountId, 'what is held is not the sum of the holds', [fold.holds, fold.kept_held]);
    await this.calls(accountId);
    const { client } = this.database;
    for (const id of await readOrphanedPostings(client, accountId, RECONCILED_MAX_DIFFERENCES))
      this.add('call_posting', accountId, { subject: id, message: 'a ledger row of a call that is not recorded' });
    for (const refund of await differingRefunds(client, accountId))
      this.add('call_posting', accountId, {
        message: 'the ledger has another amount for what was given back of this call',
        ...refund,
      });
    this.addSums(accountId, await differingDays(client, accountId));
    for (const day of await daysWithUsage(client, accountId)) {
      if (this.isFull) return;
      this.addSums(accountId, await differingQuarters(client, accountId, day));
      this.addSums(accountId, await differingSpend(client, accountId, day));
    }
  }

  private addSums(accountId: string, sums: readonly SumDifference[]): void {
    for (const { kind, subject, ...amounts } of sums)
      this.add(kind, accountId, { subject, message: 'a sum of calls is not that of its calls', ...amounts });
  }

  private async calls(accountId: string): Promise<void> {
    let before: CallPlace | undefined;
    while (!this.isFull) {
      const calls = await readRecordedCalls(this.database.client, accountId, before, SLICE);
      this.checked.calls += calls.length;
      if (calls.length > 0) this.differences.push(...recomputeCalls(accountId, calls, await this.pricesOf(calls)));
      before = calls.at(-1);
      if (calls.length < SLICE) return;
    }
  }

  private async pricesOf(calls: readonly RecordedCall[]): Promise<PriceBook> {
    const earliest = new Date(Math.min(...calls.map((call) => pricedAt(call).getTime())));
    const targets = [...new Set(calls.map(({ target }) => target))];
    return new PriceBook(await readPriceVersions(this.database.client, targets, earliest));
  }

  private compare(
    kind: 'balance' | 'held',
    accountId: string,
    message: string,
    [expected, actual]: readonly [string, string],
  ): void {
    if (expected !== actual) this.add(kind, accountId, { subject: accountId, message, expected, actual });
  }

  private add(
    kind: ReconciledDifference['kind'],
    accountId: string,
    what: { readonly subject: string; readonly message: string; readonly expected?: string; readonly actual?: string },
  ): void {
    const { subject, message, expected = null, actual = null } = what;
    this.differences.push({
      ...{ kind, account_id: accountId, subject, message },
      ...{ expected_nano_usd: expected, actual_nano_usd: actual },
    });
  }
}

function transactionDifference(problem: string): ReconciledDifference {
  const nothing = { account_id: null, expected_nano_usd: null, actual_nano_usd: null };
  return { kind: 'transaction', subject: /transaction (\S+)/.exec(problem)?.[1] ?? '', message: problem, ...nothing };
}
