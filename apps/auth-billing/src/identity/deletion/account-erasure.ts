import { Database } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { eraseRequestsOf, hasOpenHolds, markErased, readAccountsToErase } from './erasure.store.js';

const INTERVAL_MS = 2_000;
const ACCOUNTS_MAX = 20;
/** Rows of one statement: a log of millions is erased without a long transaction. */
const ROWS_MAX = 5_000;
const ROUNDS_MAX = 20;
/** Calls that were in flight when the account was deleted reach the log so long afterwards; what comes later leaves with its day. */
const LATE_ROWS_MS = 60 * 60 * 1_000;

/** Erases the request log of deleted accounts in small steps, until none is left. What a stopped process left is done at its next start. */
@Injectable()
export class AccountErasure implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = createLogger('auth-billing');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.run()
        .catch((error: unknown) => this.logger.warn({ event: 'account.not_erased', err: error }))
        .finally(() => (this.running = undefined));
    }, INTERVAL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async run(): Promise<void> {
    const { client } = this.database;
    for (const { id, deletedAt } of await readAccountsToErase(client, ACCOUNTS_MAX)) {
      for (let round = 0; round < ROUNDS_MAX && (await eraseRequestsOf(client, id, ROWS_MAX)) > 0; round += 1);
      const now = this.clock();
      const isLate = deletedAt.getTime() + LATE_ROWS_MS <= now.getTime();
      if (isLate && !(await hasOpenHolds(client, id)) && (await eraseRequestsOf(client, id, 1)) === 0)
        await markErased(client, id, now);
    }
  }
}
