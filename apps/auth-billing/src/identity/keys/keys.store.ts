import type { ApiKeysQuery, KeyAllowed, ListPage } from '@ecolink/contracts';
import { Prisma, type PrismaClient, type Transaction } from '@ecolink/database';
import { pageById, toListPage } from '@ecolink/service-kit';
import type { KeyRow } from './key-state.js';

export interface NewKey extends Omit<KeyRow, 'version' | 'revokedAt' | 'rotatedAt' | 'allow'> {
  readonly allow: KeyAllowed | null;
}

export interface KeyPatch {
  readonly name?: string;
  readonly sourceTag?: string | null;
  readonly scopes?: string[];
  readonly expiresAt?: Date | null;
  readonly allow?: KeyAllowed | null;
}

export interface KeyOfAccount {
  readonly id: string;
  readonly accountId: string;
}

export async function insertKey(transaction: Transaction, key: NewKey): Promise<KeyRow> {
  return transaction.apiKey.create({ data: { ...key, scopes: [...key.scopes], allow: jsonOf(key.allow) } });
}

/** Keeps others from making keys of the account until commit: they take the same lock for its quota. */
export async function lockKeysOf(transaction: Transaction, accountId: string): Promise<void> {
  await transaction.$queryRaw`SELECT 1 FROM accounts WHERE id = ${accountId} FOR NO KEY UPDATE`;
}

/** The key as it is, which no other transaction changes before this one is over. */
export async function lockKey(transaction: Transaction, where: KeyOfAccount): Promise<KeyRow | undefined> {
  await transaction.$queryRaw`SELECT 1 FROM api_keys WHERE id = ${where.id} AND account_id = ${where.accountId} FOR UPDATE`;
  return (await transaction.apiKey.findFirst({ where })) ?? undefined;
}

export async function updateKey(transaction: Transaction, id: string, patch: KeyPatch): Promise<KeyRow> {
  const { allow, ...rest } = patch;
  return transaction.apiKey.update({
    where: { id },
    data: { ...rest, ...(allow === undefined ? {} : { allow: jsonOf(allow) }) },
  });
}

export async function replaceSecret(
  transaction: Transaction,
  id: string,
  secret: { readonly keyHash: string; readonly prefix: string },
  now: Date,
): Promise<KeyRow> {
  return transaction.apiKey.update({ where: { id }, data: { ...secret, rotatedAt: now } });
}

/** Revokes those of the keys that are not revoked yet; gives these as they are then. */
export async function revokeKeys(transaction: Transaction, ids: readonly string[], now: Date): Promise<readonly KeyRow[]> {
  const fresh = await transaction.apiKey.findMany({ where: { id: { in: [...ids] }, revokedAt: null }, select: { id: true } });
  const where = { id: { in: fresh.map(({ id }) => id) } };
  await transaction.apiKey.updateMany({ where, data: { revokedAt: now } });
  return transaction.apiKey.findMany({ where, orderBy: { id: 'asc' } });
}

/** What a key of a deleted account keeps of what people wrote: nothing. */
export const nameless = { name: 'deleted', sourceTag: null } as const;

/** Ids of the keys that this key made, and those made, and so on; without itself. */
export async function findDescendants(transaction: Transaction, where: KeyOfAccount): Promise<readonly string[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    WITH RECURSIVE made (id) AS (
      SELECT id FROM api_keys WHERE account_id = ${where.accountId} AND created_by = ${where.id}
      UNION
      SELECT child.id FROM api_keys AS child JOIN made ON child.created_by = made.id WHERE child.account_id = ${where.accountId}
    )
    SELECT id FROM made ORDER BY id`;
  return rows.map(({ id }) => id);
}

/** Whether a key exists and is neither revoked nor expired. */
export async function isLiveKey(transaction: Transaction, id: string, now: Date): Promise<boolean> {
  return (await transaction.apiKey.count({ where: { id, ...liveAt(now) } })) > 0;
}

/** Keys that are neither revoked nor expired. */
export async function countLiveKeys(transaction: Transaction, accountId: string, now: Date): Promise<number> {
  return transaction.apiKey.count({ where: { accountId, isPlayground: false, ...liveAt(now) } });
}

function liveAt(now: Date): Prisma.ApiKeyWhereInput {
  return { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
}

export async function listKeys(client: PrismaClient, accountId: string, query: ApiKeysQuery): Promise<ListPage<KeyRow>> {
  const page = pageById(query);
  const creator = query.created_by === undefined ? {} : { createdBy: query.created_by };
  return toListPage(
    await client.apiKey.findMany({ ...page, where: { ...page.where, accountId, isPlayground: false, ...creator } }),
    query,
  );
}

export async function findKey(client: PrismaClient, where: KeyOfAccount): Promise<KeyRow | undefined> {
  return (await client.apiKey.findFirst({ where })) ?? undefined;
}

function jsonOf(allow: KeyAllowed | null): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return allow === null ? Prisma.DbNull : allow;
}
