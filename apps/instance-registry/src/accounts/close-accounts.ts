import { createLogger } from '@ecolink/runtime';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ChangeInstance } from '../instances/change-instance.js';
import { terminateWish } from '../instances/instance-actions.js';
import { EVENT_SOURCE } from '../settings.js';
import { ClosedAccountsStore } from './closed-accounts.store.js';

const INTERVAL_MS = 5_000;
const ACCOUNTS_MAX = 20;
const INSTANCES_MAX = 50;
const ROUNDS_MAX = 20;

const REASON = { terminationReason: 'admin', actionReason: 'The account was deleted' } as const;
const ACTOR = { kind: 'system', id: EVENT_SOURCE, requestId: null } as const;

/**
 * Ends what runs for deleted accounts and erases what people wrote about it. Whatever part of this a stopped process or a failure left
 * undone is done by the next sweep; instances that drain are erased once they have ended.
 */
@Injectable()
export class CloseAccounts implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = createLogger('instance-registry');
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(
    @Inject(ClosedAccountsStore) private readonly store: ClosedAccountsStore,
    @Inject(ChangeInstance) private readonly changer: ChangeInstance,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweeping ??= this.sweep()
        .catch((error: unknown) => this.logger.warn({ event: 'account.not_closed', err: error }))
        .finally(() => (this.sweeping = undefined));
    }, INTERVAL_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** From now on nothing is launched for the account; what runs is told to end. Twice changes nothing. */
  async close(accountId: string, closedAt: Date): Promise<void> {
    await this.store.close(accountId, closedAt);
    await this.end(accountId);
  }

  async sweep(): Promise<void> {
    for (const accountId of await this.store.toErase(ACCOUNTS_MAX)) await this.end(accountId);
  }

  private async end(accountId: string): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const ids = await this.store.wantedInstances(accountId, INSTANCES_MAX);
      for (const id of ids) {
        await this.changer.change(id, (instance) => Promise.resolve(terminateWish(instance, REASON, ACTOR)));
      }
      if (ids.length < INSTANCES_MAX) break;
    }
    await this.store.erase(accountId, new Date());
  }
}
