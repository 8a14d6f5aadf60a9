import { memberRole, type PlanQuotas } from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';
import { toPlanQuotas } from '../../pricing/plans/plan-quotas.js';

export interface SessionMembership {
  readonly accountId: string;
  readonly accountName: string;
  readonly isSuspended: boolean;
  readonly requiresMfa: boolean;
  readonly role: 'owner' | 'member';
  readonly quotas: PlanQuotas;
}

export interface SessionUser {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly hasTotp: boolean;
}

export interface Session {
  readonly tokenHash: string;
  readonly user: SessionUser;
  readonly memberships: readonly SessionMembership[];
  readonly activeAccountId: string | null;
  readonly lastSeenAt: Date;
  /** The second factor is still to come; until then the session opens nothing. */
  readonly isMfaPending: boolean;
}

export interface NewSession {
  readonly tokenHash: string;
  readonly userId: string;
  readonly activeAccountId: string | null;
  readonly mfaPending: boolean;
  readonly expiresAt: Date;
}

/** A user belongs to a handful of accounts; more are not listed. */
const MEMBERSHIPS_MAX = 200;
const SESSIONS_DEFAULT_MAX = 20;

/**
 * Keeps a new session. The user's expired ones go, the one it takes the place of, and of the others those last seen longest
 * ago beyond what the most generous plan of the user's accounts allows. `idleSince`: sessions not seen since then have ended.
 */
export async function insertSession(
  transaction: Transaction,
  session: NewSession,
  times: { readonly now: Date; readonly idleSince: Date },
): Promise<void> {
  const { userId } = session;
  const { now, idleSince } = times;
  await transaction.$queryRaw`SELECT id FROM users WHERE id = ${userId} FOR NO KEY UPDATE`;
  await transaction.session.deleteMany({
    where: { userId, OR: [{ expiresAt: { lte: now } }, { lastSeenAt: { lte: idleSince } }] },
  });
  const memberships = await transaction.membership.findMany({
    where: { userId },
    select: { account: { select: { plan: { select: { maxSessions: true } } } } },
    take: MEMBERSHIPS_MAX,
  });
  const allowed = memberships.map((membership) => membership.account.plan.maxSessions);
  const max = allowed.length === 0 ? SESSIONS_DEFAULT_MAX : Math.max(...allowed);
  await transaction.$executeRaw`
    DELETE FROM sessions WHERE token_hash IN (
      SELECT token_hash FROM sessions WHERE user_id = ${userId} ORDER BY last_seen_at DESC, token_hash OFFSET ${max - 1}
    )`;
  await transaction.session.create({ data: { ...session, createdAt: now, lastSeenAt: now } });
}

export async function deleteSession(client: PrismaClient | Transaction, tokenHash: string): Promise<void> {
  await client.session.deleteMany({ where: { tokenHash } });
}

export async function deleteSessionsOf(client: PrismaClient | Transaction, userId: string): Promise<void> {
  await client.session.deleteMany({ where: { userId } });
}

export async function setActiveAccount(client: PrismaClient, tokenHash: string, accountId: string): Promise<void> {
  await client.session.updateMany({ where: { tokenHash }, data: { activeAccountId: accountId } });
}

/** Notes that the user was here. */
export async function touchSession(client: PrismaClient, session: Session, now: Date): Promise<void> {
  await client.$executeRaw`
    WITH seen AS (
      UPDATE sessions SET last_seen_at = ${now}::timestamptz WHERE token_hash = ${session.tokenHash} RETURNING user_id
    )
    UPDATE users SET last_seen_at = ${now}::timestamptz FROM seen WHERE users.id = seen.user_id`;
}

/** The session with its user's accounts, oldest membership first; the active one is the chosen one or else the first. */
export async function findSession(
  client: PrismaClient,
  tokenHash: string,
  times: { readonly now: Date; readonly idleSince: Date },
): Promise<Session | undefined> {
  const memberships = {
    where: { account: { deletedAt: null } },
    include: { account: { include: { plan: true } } },
    orderBy: [{ createdAt: 'asc' as const }, { accountId: 'asc' as const }],
    take: MEMBERSHIPS_MAX,
  };
  const row = await client.session.findFirst({
    where: { tokenHash, expiresAt: { gt: times.now }, lastSeenAt: { gt: times.idleSince } },
    include: { user: { include: { memberships, totp: { select: { confirmedAt: true } } } } },
  });
  if (row === null) return undefined;
  const own = row.user.memberships.map((membership) => ({
    accountId: membership.accountId,
    accountName: membership.account.name,
    isSuspended: membership.account.status === 'suspended',
    requiresMfa: membership.account.requireMfa,
    role: memberRole.parse(membership.role),
    quotas: toPlanQuotas(membership.account.plan),
  }));
  const active = own.find((membership) => membership.accountId === row.activeAccountId) ?? own[0];
  return {
    tokenHash,
    user: { id: row.user.id, email: row.user.email, name: row.user.name, hasTotp: isConfirmed(row.user.totp) },
    memberships: own,
    activeAccountId: active?.accountId ?? null,
    lastSeenAt: row.lastSeenAt,
    isMfaPending: row.mfaPending,
  };
}

export function isConfirmed(totp: { readonly confirmedAt: Date | null } | null): boolean {
  return totp !== null && totp.confirmedAt !== null;
}
