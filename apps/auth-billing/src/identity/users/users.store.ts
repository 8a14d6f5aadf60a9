import { newId } from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';

export interface UserCredentials {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly passwordHash: string | null;
}

const CREDENTIALS = { id: true, email: true, name: true, passwordHash: true } as const;

export async function findUserByEmail(client: PrismaClient | Transaction, email: string): Promise<UserCredentials | undefined> {
  return (await client.user.findUnique({ where: { email }, select: CREDENTIALS })) ?? undefined;
}

export async function findUserById(client: PrismaClient | Transaction, id: string): Promise<UserCredentials | undefined> {
  return (await client.user.findUnique({ where: { id }, select: CREDENTIALS })) ?? undefined;
}

/** A new user, or undefined where the address belongs to one already; of two at once only one is made. */
export async function insertUser(
  transaction: Transaction,
  user: { readonly email: string; readonly passwordHash: string | null; readonly emailVerifiedAt?: Date },
  now: Date,
): Promise<string | undefined> {
  const id = newId('usr', now.getTime());
  const { count } = await transaction.user.createMany({ data: [{ id, ...user, createdAt: now }], skipDuplicates: true });
  return count === 1 ? id : undefined;
}

export async function setPasswordHash(client: PrismaClient | Transaction, userId: string, passwordHash: string): Promise<void> {
  await client.user.update({ where: { id: userId }, data: { passwordHash } });
}

export async function markEmailVerified(transaction: Transaction, userId: string, now: Date): Promise<void> {
  await transaction.user.updateMany({ where: { id: userId, emailVerifiedAt: null }, data: { emailVerifiedAt: now } });
}

export async function setUserName(client: PrismaClient, userId: string, name: string | null): Promise<void> {
  await client.user.update({ where: { id: userId }, data: { name } });
}
