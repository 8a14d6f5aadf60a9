import { type AccountView, ApiError, type BusEvent, newId, TOPIC } from '@ecolink/contracts';
import { appendEvents, Database, type Transaction } from '@ecolink/database';
import type { Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { EVENT_SOURCE } from '../../event-source.js';
import { type Clock, CLOCK } from '../../injection.js';
import { lockBalances } from '../../ledger/ledger.store.js';
import { recordAccountAudit } from '../../operations/audit/account-audit.store.js';
import { lockQuotas } from '../../pricing/plans/plans.store.js';
import { readAccountEvents } from '../accounts/account-state.store.js';
import { findAccount } from '../accounts/accounts.store.js';
import { readEarlierSecrets } from '../keys/earlier-secrets.store.js';
import { keyChangedEvents } from '../keys/key-state.js';
import { closeAccount, endKeysOf, endMembershipsOf, eraseAuditOf, eraseSettingsOf } from './erase-account.store.js';
import { eraseUser } from './erase-user.store.js';

/**
 * Deletes accounts for good. One transaction ends all that lets anybody in and erases what names people, and publishes it: routers
 * hear of the keys, the registry of the account, whose instances it terminates, which settles their holds. What takes longer, the
 * request log, `AccountErasure` does afterwards. The ledger stays as it is.
 */
@Injectable()
export class DeleteAccount {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Twice changes nothing more. Throws 404 for an unknown account. */
  delete(accountId: string, actor: Actor): Promise<{ readonly account: AccountView; readonly isFirst: boolean }> {
    return this.database.transaction(async (transaction) => {
      if ((await lockBalances(transaction, [accountId])).size === 0) refuseUnknown();
      await lockQuotas(transaction, accountId);
      const former = (await findAccount(transaction, accountId)) ?? refuseUnknown();
      if (former.deleted_at !== null) return { account: former, isFirst: false };
      await this.deleteLocked(transaction, accountId, actor);
      return { account: (await findAccount(transaction, accountId)) ?? refuseUnknown(), isFirst: true };
    });
  }

  private async deleteLocked(transaction: Transaction, accountId: string, actor: Actor): Promise<void> {
    const now = this.clock();
    const keys = await endKeysOf(transaction, accountId, now);
    for (const userId of await endMembershipsOf(transaction, accountId)) await eraseUser(transaction, userId);
    await eraseSettingsOf(transaction, accountId);
    await eraseAuditOf(transaction, accountId);
    await closeAccount(transaction, accountId, now);
    await recordAccountAudit(transaction, { accountId, actor, action: 'account.deleted', target: accountId }, now);
    const ids = keys.map(({ id }) => id);
    const earlier = await readEarlierSecrets(transaction, ids);
    const keyEvents = keys.flatMap((key) =>
      keyChangedEvents(
        key,
        earlier.filter(({ keyId }) => keyId === key.id),
        now,
      ),
    );
    const events = [...keyEvents, ...(await readAccountEvents(transaction, [accountId], now)), deletedEvent(accountId, now)];
    await appendEvents(transaction, events);
  }
}

function deletedEvent(accountId: string, now: Date): BusEvent {
  return {
    id: newId('evt', now.getTime()),
    source: EVENT_SOURCE,
    topic: TOPIC.accountDeleted,
    key: accountId,
    occurredAt: now,
    data: { account_id: accountId, deleted_at: now.toISOString() },
  };
}

function refuseUnknown(): never {
  throw new ApiError('not_found', 'there is no such account');
}
