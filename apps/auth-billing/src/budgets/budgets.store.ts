import type { BudgetScopeKind, ListQuery } from '@ecolink/contracts';
import type { Prisma, PrismaClient, Transaction } from '@ecolink/database';
import { pageById } from '@ecolink/service-kit';

export type BudgetRow = Prisma.BudgetGetPayload<object>;

export function listBudgets(client: PrismaClient, accountId: string, query: ListQuery): Promise<BudgetRow[]> {
  const { where, ...page } = pageById(query);
  return client.budget.findMany({ ...page, where: { ...where, accountId } });
}

export async function findBudget(transaction: Transaction, accountId: string, id: string): Promise<BudgetRow | undefined> {
  return (await transaction.budget.findFirst({ where: { id, accountId } })) ?? undefined;
}

export function countBudgets(transaction: Transaction, accountId: string): Promise<number> {
  return transaction.budget.count({ where: { accountId } });
}

export function insertBudget(transaction: Transaction, row: BudgetRow): Promise<BudgetRow> {
  return transaction.budget.create({ data: row });
}

export async function updateLimit(transaction: Transaction, id: string, limitNanoUsd: bigint): Promise<void> {
  await transaction.budget.update({ where: { id }, data: { limitNanoUsd } });
}

export async function deleteBudget(transaction: Transaction, accountId: string, id: string): Promise<boolean> {
  return (await transaction.budget.deleteMany({ where: { id, accountId } })).count > 0;
}

/** False where the window was raised before. */
export async function insertRaise(
  transaction: Transaction,
  budgetId: string,
  windowStartedAt: Date,
  byNanoUsd: bigint,
): Promise<boolean> {
  const { count } = await transaction.budgetRaise.createMany({
    data: [{ budgetId, windowStartedAt, byNanoUsd }],
    skipDuplicates: true,
  });
  return count > 0;
}

/** Whether the account has that key, or that member. */
export async function isScopeKnown(
  transaction: Transaction,
  accountId: string,
  kind: BudgetScopeKind,
  id: string,
): Promise<boolean> {
  if (kind === 'key') return (await transaction.apiKey.count({ where: { id, accountId } })) > 0;
  return (await transaction.membership.count({ where: { userId: id, accountId } })) > 0;
}
