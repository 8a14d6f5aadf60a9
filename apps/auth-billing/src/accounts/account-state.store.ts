import type { AccountState, BusEvent } from '@ecolink/contracts';
import { Prisma, type Transaction } from '@ecolink/database';
import { accountChangedEvent, type AccountStateRow, toAccountState } from './account-state.js';

/** A router that was away for longer starts from a snapshot; its old journal is drained by then. */
const POSITIONS_AGE_MAX_MS = 24 * 60 * 60 * 1000;

/** Columns and tables of the whole state of accounts, for the events and the projection alike. */
export function selectAccountStates(now: Date): Prisma.Sql {
  const positionsSince = new Date(now.getTime() - POSITIONS_AGE_MAX_MS);
  return Prisma.sql`
    SELECT a.id, a.status, a.version + b.version AS version, b.balance_nano_usd, p.name AS plan_name, p.requests_per_minute,
      p.tokens_per_minute, p.concurrent_requests, greatest(a.changed_xid, b.changed_xid) AS changed_xid,
      coalesce((
        SELECT jsonb_object_agg(j.source, j.position) FROM journal_positions AS j
        WHERE j.account_id = a.id AND j.updated_at > ${positionsSince}::timestamptz
      ), '{}') AS positions
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
  return rows.map((row) => accountChangedEvent(toAccountState(row), now));
}
