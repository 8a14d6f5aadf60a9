import type { PrismaClient } from '@ecolink/database';
import { z } from 'zod';

const role = z.enum(['owner', 'member']);

export interface SessionMembership {
  readonly accountId: string;
  readonly accountName: string;
  readonly isSuspended: boolean;
  readonly role: 'owner' | 'member';
}

export interface Session {
  readonly tokenHash: string;
  readonly user: { readonly id: string; readonly email: string };
  readonly memberships: readonly SessionMembership[];
  readonly activeAccountId: string | null;
}

/** A user belongs to a handful of accounts; more are not listed. */
const MEMBERSHIPS_MAX = 200;

export async function findUserByEmail(
  client: PrismaClient,
  email: string,
): Promise<{ id: string; passwordHash: string | null } | undefined> {
  return (await client.user.findUnique({ where: { email }, select: { id: true, passwordHash: true } })) ?? undefined;
}

/** Keeps a new session, and forgets the user's expired ones. */
export async function insertSession(
  client: PrismaClient,
  session: { tokenHash: string; userId: string; expiresAt: Date },
  now: Date,
): Promise<void> {
  await client.session.deleteMany({ where: { userId: session.userId, expiresAt: { lte: now } } });
  await client.session.create({ data: { ...session, createdAt: now } });
}

export async function deleteSession(client: PrismaClient, tokenHash: string): Promise<void> {
  await client.session.deleteMany({ where: { tokenHash } });
}

export async function setActiveAccount(client: PrismaClient, tokenHash: string, accountId: string): Promise<void> {
  await client.session.updateMany({ where: { tokenHash }, data: { activeAccountId: accountId } });
}

/** The session with its user's accounts, oldest membership first; the active one is the chosen one or else the first. */
export async function findSession(client: PrismaClient, tokenHash: string, now: Date): Promise<Session | undefined> {
  const memberships = {
    include: { account: true },
    orderBy: [{ createdAt: 'asc' as const }, { accountId: 'asc' as const }],
    take: MEMBERSHIPS_MAX,
  };
  const row = await client.session.findFirst({
    where: { tokenHash, expiresAt: { gt: now } },
    include: { user: { include: { memberships } } },
  });
  if (row === null) return undefined;
  const own = row.user.memberships.map((membership) => ({
    accountId: membership.accountId,
    accountName: membership.account.name,
    isSuspended: membership.account.status === 'suspended',
    role: role.parse(membership.role),
  }));
  const active = own.find((membership) => membership.accountId === row.activeAccountId) ?? own[0];
  return {
    tokenHash,
    user: { id: row.user.id, email: row.user.email },
    memberships: own,
    activeAccountId: active?.accountId ?? null,
  };
}
