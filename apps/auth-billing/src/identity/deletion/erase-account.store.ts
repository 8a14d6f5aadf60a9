import type { Transaction } from '@ecolink/database';
import { beginDays } from '../../charges/days/usage-days.store.js';
import type { KeyRow } from '../keys/key-state.js';
import { nameless, revokeKeys } from '../keys/keys.store.js';

/** What stands in place of an account's name. */
const NAME_OF_DELETED = 'deleted account';

/** Ends all keys of an account, those of playgrounds too, and takes their names and tags off. Gives those that served until now. */
export async function endKeysOf(transaction: Transaction, accountId: string, now: Date): Promise<readonly KeyRow[]> {
  const keys = await transaction.apiKey.findMany({ where: { accountId }, select: { id: true, revokedAt: true } });
  const serving = keys.filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id);
  await transaction.apiKey.updateMany({ where: { accountId }, data: nameless });
  return revokeKeys(transaction, serving, now);
}

/** Ends the account's memberships, invites and the choice of it in sessions. Gives the users who belong to no account any more. */
export async function endMembershipsOf(transaction: Transaction, accountId: string): Promise<readonly string[]> {
  const members = await transaction.membership.findMany({ where: { accountId }, select: { userId: true } });
  const userIds = members.map(({ userId }) => userId).sort();
  await transaction.$queryRaw`SELECT id FROM users WHERE id = ANY(${userIds}::text[]) ORDER BY id FOR UPDATE`;
  await transaction.membership.deleteMany({ where: { accountId } });
  await transaction.invite.deleteMany({ where: { accountId } });
  await transaction.session.updateMany({ where: { activeAccountId: accountId }, data: { activeAccountId: null } });
  const homeless = await transaction.user.findMany({
    where: { id: { in: userIds }, memberships: { none: {} } },
    select: { id: true },
  });
  return homeless.map(({ id }) => id);
}

/** Deletes what the account set up to be told and to pay, with every text that was sent. */
export async function eraseSettingsOf(transaction: Transaction, accountId: string): Promise<void> {
  const where = { accountId };
  await transaction.alertChannel.deleteMany({ where });
  await transaction.notification.deleteMany({ where });
  await transaction.balanceWarning.deleteMany({ where });
  await transaction.budget.deleteMany({ where });
  await transaction.autoRecharge.deleteMany({ where });
  await transaction.paymentCard.deleteMany({ where });
  await transaction.topUp.updateMany({ where, data: { checkoutUrl: null, receiptUrl: null } });
}

/** Keeps who did what to the account and when, by ids; takes off how people were called and what they wrote. */
export async function eraseAuditOf(transaction: Transaction, accountId: string): Promise<void> {
  await transaction.$executeRaw`
    UPDATE account_audit_log SET actor_name = actor_id, before = NULL, after = NULL WHERE account_id = ${accountId}`;
  await transaction.$executeRaw`UPDATE audit_log SET before = NULL, after = NULL
    WHERE target = ${accountId} OR path LIKE ${`/admin/v1/accounts/${accountId}/%`}`;
  // Answers that are kept for a repeated Idempotency-Key; the account's calls have its id as scope.
  await transaction.$executeRaw`
    DELETE FROM idempotency_keys WHERE scope LIKE ${`${accountId} %`} OR body ->> 'id' = ${accountId} OR body ->> 'account_id' = ${accountId}`;
}

/** Suspends the account for good. Its row stays, since the ledger names it. */
export async function closeAccount(transaction: Transaction, accountId: string, now: Date): Promise<void> {
  const data = { name: NAME_OF_DELETED, status: 'suspended', requireMfa: false, timeZone: 'UTC', deletedAt: now };
  await transaction.account.update({ where: { id: accountId }, data });
  // Its zone is another one now.
  await beginDays(transaction, accountId, now);
}
