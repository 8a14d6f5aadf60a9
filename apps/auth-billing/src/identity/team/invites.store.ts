import { type ListPage, type ListQuery, memberRole, type MemberRole, newId } from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';
import { pageById, toListPage } from '@ecolink/service-kit';

export interface Invite {
  readonly id: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly role: MemberRole;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

const WITH_ACCOUNT = { account: { select: { name: true } } } as const;

interface Row extends Omit<Invite, 'role' | 'accountName'> {
  readonly role: string;
  readonly account: { readonly name: string };
}

function toInvite({ account, role, ...row }: Row): Invite {
  return { ...row, accountName: account.name, role: memberRole.parse(role) };
}

function openOnes(now: Date) {
  return { usedAt: null, revokedAt: null, expiresAt: { gt: now }, account: { deletedAt: null } } as const;
}

export function countOpenInvites(client: Transaction, accountId: string, now: Date): Promise<number> {
  return client.invite.count({ where: { accountId, ...openOnes(now) } });
}

export async function insertInvite(
  transaction: Transaction,
  invite: Pick<Invite, 'accountId' | 'role' | 'createdBy' | 'expiresAt'>,
  now: Date,
): Promise<Invite> {
  const data = { id: newId('inv', now.getTime()), ...invite, createdAt: now };
  return toInvite(await transaction.invite.create({ data, include: WITH_ACCOUNT }));
}

export async function listOpenInvites(
  client: PrismaClient,
  accountId: string,
  query: ListQuery,
  now: Date,
): Promise<ListPage<Invite>> {
  const page = pageById(query);
  const where = { ...page.where, accountId, ...openOnes(now) };
  return toListPage((await client.invite.findMany({ ...page, where, include: WITH_ACCOUNT })).map(toInvite), query);
}

export async function findOpenInvite(client: PrismaClient | Transaction, id: string, now: Date): Promise<Invite | undefined> {
  const row = await client.invite.findFirst({ where: { id, ...openOnes(now) }, include: WITH_ACCOUNT });
  return row === null ? undefined : toInvite(row);
}

/** Uses an open invite up; of two at once only one is given it. */
export async function takeInvite(transaction: Transaction, id: string, usedBy: string, now: Date): Promise<Invite | undefined> {
  const { count } = await transaction.invite.updateMany({ where: { id, ...openOnes(now) }, data: { usedAt: now, usedBy } });
  if (count === 0) return undefined;
  return toInvite(await transaction.invite.findUniqueOrThrow({ where: { id }, include: WITH_ACCOUNT }));
}

/** Revokes an open invite of the account; undefined where there is none. */
export async function revokeInvite(
  transaction: Transaction,
  where: { readonly id: string; readonly accountId: string },
  now: Date,
): Promise<Invite | undefined> {
  const { count } = await transaction.invite.updateMany({ where: { ...where, ...openOnes(now) }, data: { revokedAt: now } });
  if (count === 0) return undefined;
  return toInvite(await transaction.invite.findUniqueOrThrow({ where: { id: where.id }, include: WITH_ACCOUNT }));
}
