import type { ListPage, ListQuery } from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';
import { pageById, toListPage } from '@ecolink/service-kit';
import type { ChannelRow } from './channel.js';

export interface ChannelOfAccount {
  readonly id: string;
  readonly accountId: string;
}

export interface ChannelPatch {
  readonly address?: string;
  readonly url?: string;
  readonly kinds?: string[];
  readonly status?: 'active' | 'disabled';
  readonly statusReason?: string | null;
}

export async function listChannels(client: PrismaClient, accountId: string, query: ListQuery): Promise<ListPage<ChannelRow>> {
  const page = pageById(query);
  return toListPage(await client.alertChannel.findMany({ ...page, where: { ...page.where, accountId } }), query);
}

export async function findChannel(client: PrismaClient | Transaction, where: ChannelOfAccount): Promise<ChannelRow | undefined> {
  return (await client.alertChannel.findFirst({ where })) ?? undefined;
}

export async function countChannels(transaction: Transaction, accountId: string): Promise<number> {
  return transaction.alertChannel.count({ where: { accountId } });
}

export async function insertChannel(
  transaction: Transaction,
  channel: Omit<ChannelRow, 'status' | 'statusReason'>,
): Promise<ChannelRow> {
  return transaction.alertChannel.create({ data: { ...channel, kinds: [...channel.kinds] } });
}

export async function updateChannel(transaction: Transaction, id: string, patch: ChannelPatch): Promise<ChannelRow> {
  return transaction.alertChannel.update({ where: { id }, data: patch });
}

/** False where the account has no such channel. Its deliveries go with it. */
export async function deleteChannel(transaction: Transaction, where: ChannelOfAccount): Promise<boolean> {
  return (await transaction.alertChannel.deleteMany({ where })).count > 0;
}
