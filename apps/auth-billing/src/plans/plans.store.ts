import type { PlanView } from '@ecolink/contracts';
import type { PrismaClient, Transaction } from '@ecolink/database';

interface PlanRow {
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
  };
}

export async function findPlan(client: PrismaClient | Transaction, name: string): Promise<PlanView | undefined> {
  const row = await client.plan.findUnique({ where: { name } });
  return row === null ? undefined : toPlanView(row);
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
  };
  await transaction.plan.upsert({ where: { name: plan.name }, create: { name: plan.name, ...limits }, update: limits });
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
