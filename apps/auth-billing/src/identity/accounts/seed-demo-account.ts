import type { SeedDemoAccountRequest, SeededDemoAccount } from '@ecolink/contracts';
import { Database, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK, SETTINGS, type Settings } from '../../injection.js';
import { creditAccount } from '../../ledger/credit-account.js';
import { hashPassword } from '../passwords/password-hash.js';
import { setPasswordHash } from '../users/users.store.js';
import { addOwner, findAccountIdByName } from './accounts.store.js';
import { lockSeeding } from './seed.store.js';
import { createAccountWithoutEvent } from './create-account.js';

const DEMO_ACCOUNT_NAME = 'demo';
const DEMO_PLAN = 'demo';

/** What the product shows itself with on a machine of one's own: an account with the sign-up bonus and an owner who can sign in. */
@Injectable()
export class SeedDemoAccount {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Safe to repeat: the account is made once, and anew where it was deleted; the owner's password is always the one given. */
  async seed(request: SeedDemoAccountRequest): Promise<SeededDemoAccount> {
    const passwordHash = await hashPassword(request.password);
    return this.database.transaction(async (transaction) => {
      await lockSeeding(transaction);
      const known = await findAccountIdByName(transaction, DEMO_ACCOUNT_NAME);
      const accountId = known ?? (await this.create(transaction));
      const userId = await addOwner(transaction, accountId, request.email, this.clock());
      await setPasswordHash(transaction, userId, passwordHash);
      return { account_id: accountId, created: known === undefined };
    });
  }

  private async create(transaction: Transaction): Promise<string> {
    const now = this.clock();
    const { accountId } = await createAccountWithoutEvent(transaction, { name: DEMO_ACCOUNT_NAME, plan: DEMO_PLAN }, now);
    await creditAccount(
      transaction,
      {
        accountId,
        amountNanoUsd: this.settings.signupBonusNanoUsd,
        type: 'bonus',
        description: 'Sign-up bonus',
        cause: { kind: 'signup', source: 'auth-billing', eventId: accountId },
      },
      now,
    );
    return accountId;
  }
}
