import { type AdminUser, type ListPage, memberRole, type UsersQuery } from '@ecolink/contracts';
import type { Prisma, PrismaClient } from '@ecolink/database';
import { pageById, toListPage } from '@ecolink/service-kit';
import { isConfirmed } from '../sessions/session.store.js';

/** A user belongs to a handful of accounts; more are not listed. */
const ACCOUNTS_MAX = 50;

const WITH_ACCOUNTS = {
  totp: { select: { confirmedAt: true } },
  memberships: { include: { account: { select: { name: true } } }, orderBy: { createdAt: 'asc' }, take: ACCOUNTS_MAX },
} as const satisfies Prisma.UserInclude;

export async function listUsers(client: PrismaClient, query: UsersQuery): Promise<ListPage<AdminUser>> {
  const page = pageById(query);
  const where = { ...page.where, ...(query.email === undefined ? {} : { email: query.email }) };
  return toListPage((await client.user.findMany({ ...page, where, include: WITH_ACCOUNTS })).map(toAdminUser), query);
}

function toAdminUser(row: Prisma.UserGetPayload<{ include: typeof WITH_ACCOUNTS }>): AdminUser {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    created_at: row.createdAt.toISOString(),
    last_seen_at: row.lastSeenAt?.toISOString() ?? null,
    has_password: row.passwordHash !== null,
    totp_enabled: isConfirmed(row.totp),
    accounts: row.memberships.map(({ accountId, account, role }) => ({
      id: accountId,
      name: account.name,
      role: memberRole.parse(role),
    })),
  };
}
