import type { Transaction } from '@ecolink/database';
import type { KeyRow } from '../keys/key-state.js';
import type { NewKey } from '../keys/keys.store.js';

export async function insertToken(transaction: Transaction, token: Omit<NewKey, 'allow'>): Promise<KeyRow> {
  return transaction.apiKey.create({ data: { ...token, scopes: [...token.scopes], isPlayground: true } });
}

/** Deletes the account's tokens that expired before then and never spent: by the others a user's spending is known. */
export async function deleteUnusedTokens(transaction: Transaction, accountId: string, before: Date): Promise<void> {
  await transaction.$executeRaw`
    DELETE FROM api_keys AS token
    WHERE token.account_id = ${accountId} AND token.is_playground AND token.expires_at < ${before}::timestamptz
      AND NOT EXISTS (SELECT 1 FROM key_spend WHERE key_spend.account_id = token.account_id AND key_spend.key_id = token.id)`;
}

/** Ids of the user's live tokens beyond the newest `keep`. */
export async function findSurplusTokens(
  transaction: Transaction,
  of: { readonly accountId: string; readonly userId: string; readonly now: Date; readonly keep: number },
): Promise<readonly string[]> {
  const { accountId, userId, now, keep } = of;
  const rows = await transaction.apiKey.findMany({
    where: { accountId, createdBy: userId, isPlayground: true, revokedAt: null, expiresAt: { gt: now } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: keep,
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}
