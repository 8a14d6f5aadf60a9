import type { PrismaClient } from '@ecolink/database';

/** Deleted accounts of which something may be left, those that waited longest first. */
export async function readAccountsToErase(
  client: PrismaClient,
  limit: number,
): Promise<readonly { readonly id: string; readonly deletedAt: Date }[]> {
  const rows = await client.account.findMany({
    where: { deletedAt: { not: null }, erasedAt: null },
    select: { id: true, deletedAt: true },
    orderBy: { deletedAt: 'asc' },
    take: limit,
  });
  return rows.flatMap(({ id, deletedAt }) => (deletedAt === null ? [] : [{ id, deletedAt }]));
}

/** Deletes up to so many rows of the account's request log, and its counted refusals. Gives how many rows of the log went. */
export async function eraseRequestsOf(client: PrismaClient, accountId: string, rowsMax: number): Promise<number> {
  await client.$executeRaw`DELETE FROM refusal_counts WHERE account_id = ${accountId}`;
  return client.$executeRaw`
    DELETE FROM request_log WHERE (account_id, started_at, request_id) IN (
      SELECT account_id, started_at, request_id FROM request_log WHERE account_id = ${accountId} LIMIT ${rowsMax}::bigint)`;
}

/** Whether an instance of the account may still run on GPUs: its hold is not settled. */
export async function hasOpenHolds(client: PrismaClient, accountId: string): Promise<boolean> {
  return (await client.instanceHold.count({ where: { accountId, status: { in: ['pending', 'held'] } } })) > 0;
}

export async function markErased(client: PrismaClient, accountId: string, now: Date): Promise<void> {
  await client.account.updateMany({ where: { id: accountId, erasedAt: null }, data: { erasedAt: now } });
}
