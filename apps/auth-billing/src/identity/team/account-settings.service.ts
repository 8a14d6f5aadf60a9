import { type AccountSettings, ApiError, type PatchAccountSettings } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { type Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { UsageDays } from '../../charges/days/usage-days.service.js';
import { beginDays } from '../../charges/days/usage-days.store.js';
import { type Clock, CLOCK } from '../../injection.js';
import { lockBalances, writeBalances } from '../../ledger/ledger.store.js';
import { announcePostings } from '../../ledger/post-transactions.js';
import { recordAccountAudit } from '../../operations/audit/account-audit.store.js';
import { findAccountSettings, updateAccountSettings } from './account-settings.store.js';

@Injectable()
export class AccountSettingsService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(UsageDays) private readonly days: UsageDays,
  ) {}

  async get(accountId: string): Promise<AccountSettings> {
    return (await findAccountSettings(this.database.client, accountId)) ?? refuseUnknown();
  }

  /** A new zone is in force at once; its days are filled afterwards, and are read from the quarters of an hour until they are. */
  async patch(accountId: string, patch: PatchAccountSettings, actor: Actor): Promise<AccountSettings> {
    const settings = await this.write(accountId, patch, actor);
    this.days.wake();
    return settings;
  }

  private write(accountId: string, patch: PatchAccountSettings, actor: Actor): Promise<AccountSettings> {
    return this.database.transaction(async (transaction) => {
      const balances = await lockBalances(transaction, [accountId]);
      const former = (await findAccountSettings(transaction, accountId)) ?? refuseUnknown();
      await updateAccountSettings(transaction, accountId, patch);
      const settings = (await findAccountSettings(transaction, accountId)) ?? refuseUnknown();
      const names = (['name', 'time_zone', 'require_mfa'] as const).filter((name) => former[name] !== settings[name]);
      const pick = (from: AccountSettings) => Object.fromEntries(names.map((name) => [name, from[name]]));
      const change = { before: pick(former), after: pick(settings) };
      const audit = { accountId, actor, action: 'account.changed', target: accountId, ...change };
      if (names.length > 0) await recordAccountAudit(transaction, audit, this.clock());
      // Another zone cuts days, and so the windows of budgets, elsewhere: routers hear of it with what each has spent.
      if (names.includes('time_zone')) {
        await beginDays(transaction, accountId, this.clock());
        await writeBalances(transaction, balances);
        await announcePostings(transaction, [], [accountId], this.clock());
      }
      return settings;
    });
  }
}

function refuseUnknown(): never {
  throw new ApiError('not_found', 'there is no such account');
}
