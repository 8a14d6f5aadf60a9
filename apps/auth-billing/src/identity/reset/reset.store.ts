import type { Transaction } from '@ecolink/database';

export interface NewReset {
  readonly tokenHash: string;
  readonly userId: string;
  readonly byMail: boolean;
  readonly expiresAt: Date;
}

/** Keeps a link; it takes the place of the user's former one of the same kind. */
export async function insertReset(transaction: Transaction, reset: NewReset, now: Date): Promise<void> {
  const { userId, byMail } = reset;
  await transaction.passwordReset.deleteMany({ where: { userId, OR: [{ byMail }, { expiresAt: { lte: now } }] } });
  await transaction.passwordReset.create({ data: { ...reset, createdAt: now } });
}

/** Whose living link it is, without using it up. */
export async function findReset(
  transaction: Transaction,
  tokenHash: string,
  now: Date,
): Promise<{ readonly userId: string; readonly byMail: boolean } | undefined> {
  const row = await transaction.passwordReset.findFirst({ where: { tokenHash, expiresAt: { gt: now } } });
  return row ?? undefined;
}

/** Uses the link up. False where another has been faster. */
export async function takeReset(transaction: Transaction, tokenHash: string, userId: string): Promise<boolean> {
  const { count } = await transaction.passwordReset.deleteMany({ where: { tokenHash } });
  await transaction.passwordReset.deleteMany({ where: { userId } });
  return count === 1;
}
