import {
  type AccountsQuery,
  type AccountStatus,
  accountStatus,
  type AccountView,
  type ListPage,
  newId,
} from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';
import { pageById, toListPage } from '@ecolink/service-kit';

const WITH_VIEW = { balance: true, memberships: { where: { role: 'owner' }, include: { user: true } } } as const;

interface ViewRow {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly planName: string;
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
  readonly erasedAt: Date | null;
  readonly balance: { readonly balanceNanoUsd: bigint } | null;
  readonly memberships: readonly { readonly user: { readonly email: string } }[];
}

function toAccountView(row: ViewRow): AccountView {
  return {
    id: row.id,
    name: row.name,
    balance_nano_usd: String(row.balance?.balanceNanoUsd ?? 0n),
    plan: row.planName,
    status: row.deletedAt === null ? accountStatus.parse(row.status) : 'deleted',
    owners: row.memberships.map((membership) => membership.user.email),
    created_at: row.createdAt.toISOString(),
    deleted_at: row.deletedAt?.toISOString() ?? null,
    erased_at: row.erasedAt?.toISOString() ?? null,
  };
}

export async function findAccount(client: PrismaClient | Transaction, id: string): Promise<AccountView | undefined> {
  const row = await client.account.findUnique({ where: { id }, include: WITH_VIEW });
  return row === null ? undefined : toAccountView(row);
}

export async function listAccounts(client: PrismaClient, query: AccountsQuery): Promise<ListPage<AccountView>> {
  const page = pageById(query);
  const rows = await client.account.findMany({
    ...page,
    where: { ...page.where, ...withStatus(query.status) },
    include: WITH_VIEW,
  });
  return toListPage(rows.map(toAccountView), query);
}

function withStatus(status: AccountsQuery['status']) {
  if (status === 'deleted') return { deletedAt: { not: null } } as const;
  return { deletedAt: null, ...(status === undefined ? {} : { status }) } as const;
}

/** An account with an empty balance. */
export async function insertAccount(
  transaction: Transaction,
  account: { name: string; planName: string },
  now: Date,
): Promise<string> {
  const id = newId('acc', now.getTime());
  await transaction.account.create({ data: { id, name: account.name, planName: account.planName, createdAt: now } });
  await transaction.balance.create({ data: { accountId: id } });
  return id;
}

export async function updateAccount(
  transaction: Transaction,
  id: string,
  patch: { name?: string; planName?: string; status?: AccountStatus },
): Promise<void> {
  await transaction.account.update({ where: { id }, data: patch });
}

/** The oldest account of that name that is not deleted. */
export async function findAccountIdByName(transaction: Transaction, name: string): Promise<string | undefined> {
  const row = await transaction.account.findFirst({
    where: { name, deletedAt: null },
    orderBy: { id: 'asc' },
    select: { id: true },
  });
  return row?.id;
}

/** Makes the user with that address an owner, and the user too where there is none yet. Gives the user's id. */
export async function addOwner(transaction: Transaction, accountId: string, email: string, now: Date): Promise<string> {
  const user = await transaction.user.upsert({
    where: { email },
    create: { id: newId('usr', now.getTime()), email, createdAt: now },
    update: {},
  });
  const membership = { accountId, userId: user.id };
  await transaction.membership.upsert({
    where: { accountId_userId: membership },
    create: { ...membership, role: 'owner', createdAt: now },
    update: { role: 'owner' },
  });
  return user.id;
}
