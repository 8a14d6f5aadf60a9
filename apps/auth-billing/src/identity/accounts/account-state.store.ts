import type { AccountState, BusEvent } from '@ecolink/contracts';
import { Prisma, type PrismaClient, type Transaction } from '@ecolink/database';
import { readBudgetStates } from '../../budgets/budget-states.store.js';
import { accountChangedEvent, type AccountStateRow, toAccountState } from './account-state.js';

/** A router that was away for longer starts from a snapshot; its old journal is drained by then. */
const POSITIONS_AGE_MAX_MS = 24 * 60 * 60 * 1000;

/** Columns and tables of the whole state of accounts, for the events and the projection alike. */
export function selectAccountStates(now: Date): Prisma.Sql {
  const positionsSince = new Date(now.getTime() - POSITIONS_AGE_MAX_MS);
  return Prisma.sql`
    SELECT a.id, a.status, a.version + b.version AS version, b.balance_nano_usd,
      b.held_nano_usd - coalesce((SELECT sum(least(h.accrued_nano_usd, h.hold_nano_usd)) FROM instance_holds AS h
        WHERE h.account_id = a.id AND h.status IN ('pending', 'held')), 0)::bigint AS held_nano_usd, p.name AS plan_name, p.requests_per_minute,
      p.tokens_per_minute, p.concurrent_requests, greatest(a.changed_xid, b.changed_xid) AS changed_xid,
      coalesce((
        SELECT jsonb_object_agg(j.source, j.position) FROM journal_positions AS j
        WHERE j.account_id = a.id AND j.updated_at > ${positionsSince}::timestamptz
      ), '{}') AS positions, a.time_zone
    FROM accounts AS a JOIN balances AS b ON b.account_id = a.id JOIN plans AS p ON p.name = a.plan_name`;
}

/** `account.changed` of accounts whose balances are locked, as they are in this transaction. */
export async function readAccountEvents(
  transaction: Transaction,
  accountIds: readonly string[],
  now: Date,
): Promise<readonly BusEvent<AccountState>[]> {
  const rows = await transaction.$queryRaw<AccountStateRow[]>`
    ${selectAccountStates(now)} WHERE a.id = ANY(${[...accountIds]}::text[]) ORDER BY a.id`;
  return (await toAccountStates(transaction, rows, now)).map((state) => accountChangedEvent(state, now));
}

/** The states of accounts with their budgets. */
export async function toAccountStates(
  client: Transaction | PrismaClient,
  rows: readonly AccountStateRow[],
  now: Date,
): Promise<readonly AccountState[]> {
  const budgets = await readBudgetStates(client, new Map(rows.map((row) => [row.id, row.time_zone])), now);
  return rows.map((row) => toAccountState(row, budgets.get(row.id) ?? []));
}

/** What cuts the days of an account. */
export async function readTimeZone(client: Transaction | PrismaClient, accountId: string): Promise<string> {
  const account = await client.account.findUnique({ where: { id: accountId }, select: { timeZone: true } });
  return account?.timeZone ?? 'UTC';
}
