import type { PrismaClient, Transaction } from '@ecolink/database';
import type { EarlierSecret } from './key-state.js';

/** So long a secret that serves no more is still known: routers hear of it anew with every change of its key. */
const KEPT_MS = 24 * 60 * 60 * 1000;

export async function readEarlierSecrets(
  client: PrismaClient | Transaction,
  keyIds: readonly string[],
): Promise<readonly EarlierSecret[]> {
  return client.apiKeyEarlierSecret.findMany({ where: { keyId: { in: [...keyIds] } }, orderBy: { replacedAt: 'asc' } });
}

/** Forgets secrets of the key that stopped serving a day ago. */
export async function forgetEarlierSecrets(transaction: Transaction, keyId: string, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEPT_MS);
  await transaction.apiKeyEarlierSecret.deleteMany({ where: { keyId, servesUntil: { lte: before } } });
}

/** Adds the secret just replaced; none of the key's earlier ones serves beyond the given instant any more. */
export async function retireSecret(
  transaction: Transaction,
  secret: EarlierSecret,
  now: Date,
): Promise<readonly EarlierSecret[]> {
  const { keyId, servesUntil } = secret;
  await transaction.apiKeyEarlierSecret.updateMany({
    where: { keyId, servesUntil: { gt: servesUntil } },
    data: { servesUntil },
  });
  await transaction.apiKeyEarlierSecret.create({ data: { ...secret, replacedAt: now } });
  return readEarlierSecrets(transaction, [keyId]);
}
