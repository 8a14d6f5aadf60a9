import { setTimeout as delay } from 'node:timers/promises';
import { Database } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { lockBalances } from '../../ledger/ledger.store.js';
import { accountsToFill, fillNextDay } from './usage-days.store.js';

/** Finds what another process, or an earlier run, left undone. */
const INTERVAL_MS = 10_000;
const ACCOUNTS_AT_ONCE = 100;
/** Between two days of an account: its calls are posted then. */
const PAUSE_MS = 20;

/** Fills the days of accounts that were given another time zone: a day in each transaction, so that no call waits longer than for one. */
@Injectable()
export class UsageDays implements OnModuleInit, OnModuleDestroy {
  private readonly logger = createLogger('auth-billing');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isAsked = false;
  private isStopped = false;

  constructor(@Inject(Database) private readonly database: Database) {}

  onModuleInit(): void {
    this.timer = setInterval(() => this.wake(), INTERVAL_MS).unref();
    this.wake();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** There is something to fill. */
  wake(): void {
    this.isAsked = true;
    this.running ??= this.fillAll()
      .catch((error: unknown) => this.logger.warn({ event: 'usage_days.not_filled', err: error }))
      .finally(() => (this.running = undefined));
  }

  private async fillAll(): Promise<void> {
    while (this.isAsked && !this.isStopped) {
      this.isAsked = false;
      for (const accountId of await accountsToFill(this.database.client, ACCOUNTS_AT_ONCE)) await this.fill(accountId);
    }
  }

  private async fill(accountId: string): Promise<void> {
    let isMore = true;
    while (isMore && !this.isStopped) {
      isMore = await this.step(accountId);
      if (isMore) await delay(PAUSE_MS);
    }
  }

  private step(accountId: string): Promise<boolean> {
    return this.database.transaction(async (transaction) => {
      await lockBalances(transaction, [accountId]);
      return fillNextDay(transaction, accountId);
    });
  }
}
