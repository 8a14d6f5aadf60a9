import type { Transaction } from '@ecolink/database';

/** The accounts a user belongs to, in the order in which accounts are locked. */
export async function readMemberships(
  transaction: Transaction,
  userId: string,
): Promise<readonly { readonly accountId: string; readonly role: string }[]> {
  return transaction.membership.findMany({
    where: { userId },
    select: { accountId: true, role: true },
    orderBy: { accountId: 'asc' },
  });
}

/**
 * Deletes a user who belongs to no account: address, name, password, second factor, identities and sessions. Logs keep the id and
 * lose the address. False for an unknown one.
 */
export async function eraseUser(transaction: Transaction, userId: string): Promise<boolean> {
  await transaction.session.deleteMany({ where: { userId } });
  await transaction.notificationRead.deleteMany({ where: { reader: userId } });
  await transaction.$executeRaw`
    UPDATE account_audit_log SET actor_name = actor_id WHERE actor_kind = 'user' AND actor_id = ${userId}`;
  await transaction.$executeRaw`
    UPDATE account_audit_log SET before = before - 'email', after = after - 'email' WHERE target = ${userId}`;
  // "Somebody joined" names the address; the accounts' people keep the entry of their audit log.
  await transaction.$executeRaw`
    WITH told AS (
      DELETE FROM notifications WHERE kind = 'invite_accepted' AND subject ->> 'id' = ${userId} RETURNING id
    )
    DELETE FROM alert_deliveries USING told WHERE alert_deliveries.notification_id = told.id`;
  const { count } = await transaction.user.deleteMany({ where: { id: userId } });
  return count > 0;
}
