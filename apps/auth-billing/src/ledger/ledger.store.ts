import type { Transaction } from '@ecolink/database';
import { recordset } from '../recordset.js';
import type { Posting } from './posting.js';

/**
 * Locks the balances of accounts, in sorted order against deadlocks, and reads them. Accounts that do not exist are
 * missing from the answer. Whoever changes anything that `account.changed` carries holds this lock, so that the versions
 * of its events follow the order of commits.
 */
export async function lockBalances(transaction: Transaction, accountIds: readonly string[]): Promise<Map<string, bigint>> {
  const rows = await transaction.$queryRaw<{ account_id: string; balance_nano_usd: bigint }[]>`
    SELECT account_id, balance_nano_usd FROM balances WHERE account_id = ANY(${[...accountIds]}::text[]) ORDER BY account_id FOR UPDATE`;
  return new Map(rows.map((row) => [row.account_id, row.balance_nano_usd]));
}

/** Writes balances under their lock. Each row's version grows, changed or not. */
export async function writeBalances(transaction: Transaction, balances: ReadonlyMap<string, bigint>): Promise<void> {
  const rows = recordset([...balances].map(([account_id, balance]) => ({ account_id, balance: String(balance) })));
  await transaction.$executeRaw`
    UPDATE balances SET balance_nano_usd = each.balance
    FROM json_to_recordset(${rows}::json) AS each (account_id text, balance bigint)
    WHERE balances.account_id = each.account_id`;
}

/** Writes ledger transactions with their two legs each, in order. Throws when one of their causes was posted before. */
export async function insertPostings(transaction: Transaction, postings: readonly Posting[], now: Date): Promise<void> {
  if (postings.length === 0) return;
  const rows = recordset(postings.map(toPostingRow));
  await transaction.$executeRaw`
    WITH posting AS (
      SELECT * FROM json_to_recordset(${rows}::json) AS each (place integer, id text, account_id text, type text, amount bigint,
        balance_after bigint, counter_account text, description text, cause_kind text, source text, event_id text, line smallint,
        instance_id bigint, occurred_at timestamptz)
    ), posted AS (
      INSERT INTO ledger_transactions (id, account_id, type, amount_nano_usd, balance_after_nano_usd, description, cause_kind, source,
        event_id, line, instance_id, occurred_at, created_at)
      SELECT id, account_id, type, amount, balance_after, description, cause_kind, source, event_id, line, instance_id, occurred_at,
        ${now}::timestamptz
      FROM posting ORDER BY place
    )
    INSERT INTO ledger_entries (transaction_id, line, ledger_account, amount_nano_usd)
    SELECT id, 0, 'account:' || account_id, amount FROM posting
    UNION ALL
    SELECT id, 1, counter_account, -amount FROM posting`;
}

function toPostingRow(posting: Posting, place: number): object {
  return {
    place,
    id: posting.id,
    account_id: posting.accountId,
    type: posting.type,
    amount: String(posting.amountNanoUsd),
    balance_after: String(posting.balanceAfterNanoUsd),
    counter_account: posting.counterAccount,
    description: posting.description,
    cause_kind: posting.cause.kind,
    source: posting.cause.source,
    event_id: posting.cause.eventId,
    line: posting.cause.line,
    instance_id: posting.instanceId,
    occurred_at: posting.occurredAt.toISOString(),
  };
}
