import { type ListPage, type ListQuery, memberRole, type MemberRole, type MemberView } from '@ecolink/contracts';
import type { Prisma, PrismaClient, Transaction } from '@ecolink/database';
import { pageById, toListPage } from '@ecolink/service-kit';
import { isConfirmed } from '../sessions/session.store.js';

const WITH_USER = { user: { include: { totp: { select: { confirmedAt: true } } } } } as const;
type Row = Prisma.MembershipGetPayload<{ include: typeof WITH_USER }>;

function toMemberView({ user, role, createdAt }: Row): MemberView {
  return {
    id: user.id,
    user_id: user.id,
    email: user.email,
    name: user.name,
    role: memberRole.parse(role),
    totp_enabled: isConfirmed(user.totp),
    joined_at: createdAt.toISOString(),
    last_seen_at: user.lastSeenAt?.toISOString() ?? null,
  };
}

export async function listMembers(client: PrismaClient, accountId: string, query: ListQuery): Promise<ListPage<MemberView>> {
  const { where, orderBy, take } = pageById(query);
  const rows = await client.membership.findMany({
    where: { accountId, ...(where.id === undefined ? {} : { userId: where.id }) },
    orderBy: { userId: orderBy.id },
    take,
    include: WITH_USER,
  });
  return toListPage(rows.map(toMemberView), query);
}

export async function findMembership(
  client: PrismaClient | Transaction,
  accountId: string,
  userId: string,
): Promise<MemberView | undefined> {
  const row = await client.membership.findUnique({
    where: { accountId_userId: { accountId, userId } },
    include: WITH_USER,
  });
  return row === null ? undefined : toMemberView(row);
}

export function countMembers(transaction: Transaction, accountId: string): Promise<number> {
  return transaction.membership.count({ where: { accountId } });
}

export function countOwners(transaction: Transaction, accountId: string): Promise<number> {
  return transaction.membership.count({ where: { accountId, role: 'owner' } });
}

export async function insertMembership(
  transaction: Transaction,
  membership: { readonly accountId: string; readonly userId: string; readonly role: MemberRole },
  now: Date,
): Promise<void> {
  await transaction.membership.create({ data: { ...membership, createdAt: now } });
}

export async function setRole(transaction: Transaction, accountId: string, userId: string, role: MemberRole): Promise<void> {
  await transaction.membership.update({ where: { accountId_userId: { accountId, userId } }, data: { role } });
}

/** Removes a member; sessions in which the account was the active one fall back to another. */
export async function deleteMembership(transaction: Transaction, accountId: string, userId: string): Promise<void> {
  await transaction.membership.delete({ where: { accountId_userId: { accountId, userId } } });
  await transaction.session.updateMany({ where: { userId, activeAccountId: accountId }, data: { activeAccountId: null } });
}
