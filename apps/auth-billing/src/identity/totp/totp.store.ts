import type { PrismaClient, Transaction } from '@ecolink/database';

export interface TotpFactor {
  readonly secret: string;
  readonly isConfirmed: boolean;
  readonly lastStep: bigint;
}

export async function findFactor(client: PrismaClient | Transaction, userId: string): Promise<TotpFactor | undefined> {
  const row = await client.totpFactor.findUnique({ where: { userId } });
  if (row === null) return undefined;
  return { secret: row.secret, isConfirmed: row.confirmedAt !== null, lastStep: row.lastStep };
}

/** Keeps a factor that no code has confirmed yet, instead of one like it. False where a confirmed one is there. */
export async function putUnconfirmed(client: PrismaClient, userId: string, secret: string, now: Date): Promise<boolean> {
  const rows = await client.$queryRaw<unknown[]>`
    INSERT INTO totp_factors (user_id, secret, created_at) VALUES (${userId}, ${secret}, ${now}::timestamptz)
    ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, last_step = 0
    WHERE totp_factors.confirmed_at IS NULL RETURNING user_id`;
  return rows.length > 0;
}

/** Uses a time step up; false where a code of it, or of a later one, was taken already. */
export async function takeStep(client: PrismaClient | Transaction, userId: string, step: number): Promise<boolean> {
  const { count } = await client.totpFactor.updateMany({
    where: { userId, lastStep: { lt: BigInt(step) } },
    data: { lastStep: BigInt(step) },
  });
  return count === 1;
}

/** Makes the factor count, with its recovery codes. False where it counts already. */
export async function confirmFactor(
  transaction: Transaction,
  userId: string,
  codeHashes: readonly string[],
  now: Date,
): Promise<boolean> {
  const { count } = await transaction.totpFactor.updateMany({
    where: { userId, confirmedAt: null },
    data: { confirmedAt: now },
  });
  if (count === 0) return false;
  await transaction.recoveryCode.deleteMany({ where: { userId } });
  await transaction.recoveryCode.createMany({ data: codeHashes.map((codeHash) => ({ userId, codeHash })) });
  return true;
}

/** Uses a recovery code up; false where there is none like it, or no more. */
export async function takeRecoveryCode(client: PrismaClient, userId: string, codeHash: string, now: Date): Promise<boolean> {
  const { count } = await client.recoveryCode.updateMany({ where: { userId, codeHash, usedAt: null }, data: { usedAt: now } });
  return count === 1;
}

export async function deleteFactor(transaction: Transaction, userId: string): Promise<void> {
  await transaction.totpFactor.deleteMany({ where: { userId } });
  await transaction.recoveryCode.deleteMany({ where: { userId } });
}
