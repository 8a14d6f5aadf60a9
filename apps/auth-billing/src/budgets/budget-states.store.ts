import { budgetPeriod, budgetScopeKind, type BudgetState, type BudgetWindow, budgetWindow } from '@ecolink/contracts';
import type { Prisma, PrismaClient, Transaction } from '@ecolink/database';
import { recordset } from '../ledger/recordset.js';

type Client = Transaction | PrismaClient;
type Row = Prisma.BudgetGetPayload<object>;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Far enough for the lifetime of anything. */
const END_OF_TIME = new Date('9000-01-01T00:00:00.000Z');

export interface StoredBudget extends Row {
  readonly window: BudgetWindow;
}

/** All budgets of accounts, each in its window of now, with what that has spent and was raised by; by account. */
export async function readBudgetStates(
  client: Client,
  timeZones: ReadonlyMap<string, string>,
  now: Date,
): Promise<ReadonlyMap<string, readonly BudgetState[]>> {
  const rows = await client.budget.findMany({ where: { accountId: { in: [...timeZones.keys()] } }, orderBy: { id: 'asc' } });
  const budgets = rows.map((row) => withWindow(row, timeZones.get(row.accountId) ?? 'UTC', now));
  if (budgets.length === 0) return new Map();
  const [spent, raised] = [await readSpent(client, budgets), await readRaises(client, budgets)];
  const states = new Map<string, BudgetState[]>();
  for (const budget of budgets) {
    const state = toState(budget, spent.get(budget.id) ?? 0n, raised.get(budget.id) ?? 0n);
    states.set(budget.accountId, [...(states.get(budget.accountId) ?? []), state]);
  }
  return states;
}

function withWindow(row: Row, timeZone: string, at: Date): StoredBudget {
  return { ...row, window: budgetWindow(budgetPeriod.parse(row.period), timeZone, at) };
}

/** The cost of calls admitted in each budget's window, by the whole days within it and the quarters of an hour at its ends. */
async function readSpent(client: Client, budgets: readonly StoredBudget[]): Promise<ReadonlyMap<string, bigint>> {
  const parts = recordset(budgets.flatMap(partsOf));
  const rows = await client.$queryRaw<{ id: string; spent: string }[]>`
    SELECT part.id, sum(spend.cost_nano_usd)::text AS spent
    FROM json_to_recordset(${parts}::json) AS part (id text, account_id text, scope_kind text, scope_id text, span text,
      since timestamptz, until timestamptz)
    JOIN key_spend AS spend ON spend.account_id = part.account_id AND spend.span = part.span
      AND spend.starts_at >= part.since AND spend.starts_at < part.until
    WHERE part.scope_kind = 'account' OR (part.scope_kind = 'key' AND spend.key_id = part.scope_id)
      OR (part.scope_kind = 'user' AND spend.key_id IN (
        SELECT keys.id FROM api_keys AS keys WHERE keys.account_id = part.account_id AND keys.created_by = part.scope_id))
    GROUP BY part.id`;
  return new Map(rows.map((row) => [row.id, BigInt(row.spent)]));
}

function partsOf(budget: StoredBudget): readonly object[] {
  const { startedAt, endsAt } = budget.window;
  const until = endsAt ?? END_OF_TIME;
  const firstDay = new Date(Math.ceil(startedAt.getTime() / DAY_MS) * DAY_MS);
  const lastDay = new Date(Math.floor(until.getTime() / DAY_MS) * DAY_MS);
  const part = (span: 'quarter' | 'day', since: Date, end: Date): object => ({
    ...{ id: budget.id, account_id: budget.accountId, scope_kind: budget.scopeKind, scope_id: budget.scopeId },
    ...{ span, since: since.toISOString(), until: end.toISOString() },
  });
  if (firstDay >= lastDay) return [part('quarter', startedAt, until)];
  return [part('quarter', startedAt, firstDay), part('day', firstDay, lastDay), part('quarter', lastDay, until)];
}

async function readRaises(client: Client, budgets: readonly StoredBudget[]): Promise<ReadonlyMap<string, bigint>> {
  const windows = budgets.map(({ id, window }) => ({ budgetId: id, windowStartedAt: window.startedAt }));
  const rows = await client.budgetRaise.findMany({ where: { OR: windows } });
  return new Map(rows.map((row) => [row.budgetId, row.byNanoUsd]));
}

function toState(budget: StoredBudget, spentNanoUsd: bigint, raisedNanoUsd: bigint): BudgetState {
  return {
    budget_id: budget.id,
    scope: { kind: budgetScopeKind.parse(budget.scopeKind), id: budget.scopeId },
    period: budgetPeriod.parse(budget.period),
    limit_nano_usd: String(budget.limitNanoUsd),
    raised_nano_usd: String(raisedNanoUsd),
    window_started_at: budget.window.startedAt.toISOString(),
    window_ends_at: budget.window.endsAt?.toISOString() ?? null,
    spent_nano_usd: String(spentNanoUsd),
  };
}
