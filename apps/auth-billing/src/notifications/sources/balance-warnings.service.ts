import type { DeliveredEvent } from '@ecolink/contracts';
import { appendEvents, Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { hourAgo, runsOutAt } from '../../reports/summary.js';
import { sumCostSince } from '../../reports/usage-report.store.js';
import { raiseNotifications } from '../raise/raise.store.js';
import { balanceWarning, thresholdOf } from './balance-warning.js';
import { lockWarning, readBalance, saveWarning } from './balance-warnings.store.js';

/** Accounts looked at in one round; the others wait for the next. */
const ACCOUNTS_PER_ROUND_MAX = 200;
const WAITING_MAX = 100_000;

/** Warns accounts whose balance runs out at the rate of the last hour: only what is spent can bring that nearer. */
@Injectable()
export class BalanceWarnings {
  private readonly spending = new Set<string>();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Notes who spent something, from a batch of `usage.recorded`. */
  noteCalls(events: readonly DeliveredEvent[]): void {
    for (const { key } of events) if (this.spending.size < WAITING_MAX) this.spending.add(key);
  }

  /** Looks at those who spent something since the last round. */
  async run(): Promise<void> {
    const accountIds = [...this.spending].slice(0, ACCOUNTS_PER_ROUND_MAX);
    for (const accountId of accountIds) {
      this.spending.delete(accountId);
      await this.check(accountId);
    }
  }

  private async check(accountId: string): Promise<void> {
    const now = this.clock();
    const { client } = this.database;
    const balanceNanoUsd = await readBalance(client, accountId);
    if (balanceNanoUsd === undefined) return;
    const perHourNanoUsd = await sumCostSince(client, accountId, hourAgo(now));
    const end = runsOutAt(balanceNanoUsd, perHourNanoUsd, now);
    const minutes = thresholdOf(end, now);
    if (end === null || minutes === undefined) return;
    await this.database.transaction(async (transaction) => {
      const last = await lockWarning(transaction, accountId);
      if (last !== undefined && last.minutes <= minutes) return;
      await saveWarning(transaction, accountId, minutes, now);
      const reading = { accountId, balanceNanoUsd, perHourNanoUsd, runsOutAt: end };
      await appendEvents(transaction, await raiseNotifications(transaction, [balanceWarning(reading, minutes)], now));
    });
  }
}
