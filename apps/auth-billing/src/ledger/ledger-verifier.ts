import { Database } from '@ecolink/database';
import { createLogger, Readiness } from '@ecolink/service-kit';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { verifyBalances, verifyTransactions } from './verify-ledger.store.js';

const INTERVAL_MS = 10_000;
const SLICE = 2_000;

/** Walks the ledger round and round, one bounded slice at a time, and says loudly where it does not hold. */
@Injectable()
export class LedgerVerifier implements OnModuleInit, OnModuleDestroy {
  private readonly logger = createLogger('auth-billing');
  private readonly problems = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private afterSequence = '0';
  private afterAccountId = '';

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Readiness) readiness: Readiness,
  ) {
    readiness.registerDegraded('ledger', () => (this.problems.size === 0 ? undefined : [...this.problems][0]));
  }

  onModuleInit(): void {
    this.schedule();
  }

  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.verifySlice()
        .catch((error: unknown) => this.logger.warn({ event: 'ledger.not_verified', err: error }))
        .finally(() => {
          if (this.timer !== undefined) this.schedule();
        });
    }, INTERVAL_MS).unref();
  }

  private async verifySlice(): Promise<void> {
    const transactions = await verifyTransactions(this.database, this.afterSequence, SLICE);
    this.afterSequence = transactions.next ?? '0';
    const balances = await verifyBalances(this.database, this.afterAccountId, SLICE);
    this.afterAccountId = balances.next ?? '';
    for (const problem of [...transactions.problems, ...balances.problems]) {
      if (this.problems.size < SLICE) this.problems.add(problem);
      this.logger.error({ event: 'ledger.broken', problem });
    }
  }
}
