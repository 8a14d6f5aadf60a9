import { type ListPage, type ListQuery } from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';
import { pageById, toListPage } from '../list-cursor.js';
import type { KeyRow } from './key-state.js';

export interface NewKey extends Omit<KeyRow, 'version' | 'revokedAt'> {
  readonly createdBy: string;
}

export async function insertKey(transaction: Transaction, key: NewKey): Promise<KeyRow> {
  return transaction.apiKey.create({ data: { ...key, scopes: [...key.scopes] } });
}

export async function isAccount(transaction: Transaction, accountId: string): Promise<boolean> {
  return (await transaction.account.findUnique({ where: { id: accountId }, select: { id: true } })) !== null;
}

/** Revokes a key of the account, once: a second time it stays as it was, and `isNew` is false. */
export async function revokeKey(
  transaction: Transaction,
  where: { readonly id: string; readonly accountId: string },
  now: Date,
): Promise<{ row: KeyRow; isNew: boolean } | undefined> {
  const { count } = await transaction.apiKey.updateMany({ where: { ...where, revokedAt: null }, data: { revokedAt: now } });
  const row = await transaction.apiKey.findFirst({ where });
  return row === null ? undefined : { row, isNew: count > 0 };
}

export async function listKeys(client: PrismaClient, accountId: string, query: ListQuery): Promise<ListPage<KeyRow>> {
  const page = pageById(query);
  return toListPage(await client.apiKey.findMany({ ...page, where: { ...page.where, accountId } }), query);
}
