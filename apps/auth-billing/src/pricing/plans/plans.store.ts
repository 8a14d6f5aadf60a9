import type { PlanQuotas, PlanView } from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';
import { type PlanQuotaColumns, toPlanQuotas, toQuotaColumns } from './plan-quotas.js';

interface PlanRow extends PlanQuotaColumns {
  readonly name: string;
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number | null;
  readonly concurrentRequests: number | null;
}

function toPlanView(row: PlanRow): PlanView {
  return {
    name: row.name,
    requests_per_minute: row.requestsPerMinute,
    tokens_per_minute: row.tokensPerMinute,
    concurrent_requests: row.concurrentRequests,
    ...toPlanQuotas(row),
  };
}

export async function findPlan(client: PrismaClient | Transaction, name: string): Promise<PlanView | undefined> {
  const row = await client.plan.findUnique({ where: { name } });
  return row === null ? undefined : toPlanView(row);
}

/**
 * The quotas of an account's plan. Takes the lock of the account until commit, so that of creations that race none goes beyond
 * what another has just used up. Undefined for an unknown account and a deleted one.
 */
export async function lockQuotas(transaction: Transaction, accountId: string): Promise<PlanQuotas | undefined> {
  const [locked] = await transaction.$queryRaw<{ plan_name: string }[]>`
    SELECT plan_name FROM accounts WHERE id = ${accountId} AND deleted_at IS NULL FOR NO KEY UPDATE`;
  if (locked === undefined) return undefined;
  return toPlanQuotas(await transaction.plan.findUniqueOrThrow({ where: { name: locked.plan_name } }));
}

/**
 * Reads a plan that an account is about to get, and keeps it as it is until commit: a change of the plan would not see the
 * account yet and leave it with old limits. Taken before any balance, as changes of plans do.
 */
export async function lockPlan(transaction: Transaction, name: string): Promise<PlanView | undefined> {
  await transaction.$queryRaw`SELECT name FROM plans WHERE name = ${name} FOR SHARE`;
  return findPlan(transaction, name);
}

/** Plans are few: an operator types each. */
export async function listPlans(client: PrismaClient, limit: number): Promise<readonly PlanView[]> {
  return (await client.plan.findMany({ orderBy: { name: 'asc' }, take: limit })).map(toPlanView);
}

export async function upsertPlan(transaction: Transaction, plan: PlanView): Promise<void> {
  const limits = {
    requestsPerMinute: plan.requests_per_minute,
    tokensPerMinute: plan.tokens_per_minute,
    concurrentRequests: plan.concurrent_requests,
    ...toQuotaColumns(plan),
  };
  await transaction.plan.upsert({ where: { name: plan.name }, create: { name: plan.name, ...limits }, update: limits });
}

/** Until commit no account can be given the plan. */
export async function lockPlanAlone(transaction: Transaction, name: string): Promise<void> {
  await transaction.$queryRaw`SELECT name FROM plans WHERE name = ${name} FOR UPDATE`;
}

export function countAccountsOfPlan(transaction: Transaction, name: string): Promise<number> {
  return transaction.account.count({ where: { planName: name } });
}

export async function deletePlan(transaction: Transaction, name: string): Promise<void> {
  await transaction.plan.delete({ where: { name } });
}

/** Locks every account of a plan (through its balance, see `lockBalances`) and lets its version grow. Gives their ids. */
export async function touchAccountsOfPlan(transaction: Transaction, name: string): Promise<readonly string[]> {
  const rows = await transaction.$queryRaw<{ account_id: string }[]>`
    SELECT account_id FROM balances
    WHERE account_id IN (SELECT id FROM accounts WHERE plan_name = ${name}) ORDER BY account_id FOR UPDATE`;
  const ids = rows.map((row) => row.account_id);
  await transaction.$executeRaw`UPDATE accounts SET plan_name = plan_name WHERE id = ANY(${ids}::text[])`;
  return ids;
}
