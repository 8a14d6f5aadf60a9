import { type AccountSettings, accountStatus, type PatchAccountSettings } from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';

export async function findAccountSettings(
  client: PrismaClient | Transaction,
  accountId: string,
): Promise<AccountSettings | undefined> {
  const row = await client.account.findUnique({ where: { id: accountId } });
  if (row === null) return undefined;
  return {
    id: row.id,
    name: row.name,
    time_zone: row.timeZone,
    require_mfa: row.requireMfa,
    plan: row.planName,
    status: accountStatus.parse(row.status),
    created_at: row.createdAt.toISOString(),
  };
}

export async function updateAccountSettings(
  transaction: Transaction,
  accountId: string,
  patch: PatchAccountSettings,
): Promise<void> {
  await transaction.account.update({
    where: { id: accountId },
    data: {
      ...(patch.name === undefined ? {} : { name: patch.name }),
      ...(patch.time_zone === undefined ? {} : { timeZone: patch.time_zone }),
      ...(patch.require_mfa === undefined ? {} : { requireMfa: patch.require_mfa }),
    },
  });
}
