import type { Transaction } from '@ecolink/database';
import { recordset } from './recordset.js';
import type { AccountBalance } from './plan-transactions.js';
import { availableOf, type Cause, type Posting } from './posting.js';

/**
 * Locks the balances of accounts, in sorted order against deadlocks, and reads them. Accounts that do not exist are
 * missing from the answer. Whoever changes anything that `account.changed` carries holds this lock, so that the versions
 * of its events follow the order of commits.
 */
export async function lockBalances(
  transaction: Transaction,
  accountIds: readonly string[],
): Promise<Map<string, AccountBalance>> {
  const rows = await transaction.$queryRaw<{ account_id: string; balance_nano_usd: bigint; held_nano_usd: bigint }[]>`
    SELECT account_id, balance_nano_usd, held_nano_usd FROM balances
    WHERE account_id = ANY(${[...accountIds]}::text[]) ORDER BY account_id FOR UPDATE`;
  return new Map(rows.map((row) => [row.account_id, { availableNanoUsd: row.balance_nano_usd, heldNanoUsd: row.held_nano_usd }]));
}

/** Writes balances under their lock. Each row's version grows, changed or not. */
export async function writeBalances(transaction: Transaction, balances: ReadonlyMap<string, AccountBalance>): Promise<void> {
  const rows = recordset(
    [...balances].map(([account_id, { availableNanoUsd, heldNanoUsd }]) => ({
      account_id,
      balance: String(availableNanoUsd),
      held: String(heldNanoUsd),
    })),
  );
  await transaction.$executeRaw`
    UPDATE balances SET balance_nano_usd = each.balance, held_nano_usd = each.held
    FROM json_to_recordset(${rows}::json) AS each (account_id text, balance bigint, held bigint)
    WHERE balances.account_id = each.account_id`;
}

/** Which of these causes are in the ledger, as `event id source line`. Each is looked up by itself, however long the ledger is. */
export async function readPostedCauses(
  transaction: Transaction,
  movements: readonly { readonly cause: Cause }[],
): Promise<ReadonlySet<string>> {
  const causes = movements.map(({ cause }) => cause);
  const rows = await transaction.$queryRaw<{ posted: string }[]>`
    SELECT known.posted FROM unnest(${causes.map((cause) => cause.eventId)}::text[], ${causes.map((cause) => cause.source)}::text[],
      ${causes.map((cause) => cause.line)}::smallint[]) AS cause (event_id, source, line)
    CROSS JOIN LATERAL (
      SELECT t.event_id || ' ' || t.source || ' ' || t.line AS posted FROM ledger_transactions AS t
      WHERE t.event_id = cause.event_id AND t.source = cause.source AND t.line = cause.line LIMIT 1
    ) AS known`;
  return new Set(rows.map((row) => row.posted));
}

/** Writes ledger transactions with all their legs, in order. Throws when one of their causes was posted before. */
export async function insertPostings(transaction: Transaction, postings: readonly Posting[], now: Date): Promise<void> {
  if (postings.length === 0) return;
  const rows = recordset(postings.map(toPostingRow));
  await transaction.$executeRaw`
    WITH posting AS (
      SELECT * FROM json_to_recordset(${rows}::json) AS each (place integer, id text, account_id text, type text, amount bigint,
        balance_after bigint, counter_account text, legs json, description text, cause_kind text, source text, event_id text,
        line smallint, instance_id bigint, occurred_at timestamptz)
    ), posted AS (
      INSERT INTO ledger_transactions (id, account_id, type, amount_nano_usd, balance_after_nano_usd, description, cause_kind, source,
        event_id, line, instance_id, occurred_at, created_at, counter_account)
      SELECT id, account_id, type, amount, balance_after, description, cause_kind, source, event_id, line, instance_id, occurred_at,
        ${now}::timestamptz, counter_account
      FROM posting ORDER BY place
    )
    INSERT INTO ledger_entries (transaction_id, line, ledger_account, amount_nano_usd)
    SELECT posting.id, leg.place - 1, leg.entry->>0, (leg.entry->>1)::bigint
    FROM posting CROSS JOIN LATERAL json_array_elements(posting.legs) WITH ORDINALITY AS leg (entry, place)`;
}

function toPostingRow(posting: Posting, place: number): object {
  const counterAccount = counterAccountOf(posting);
  return {
    place,
    id: posting.id,
    account_id: posting.accountId,
    type: posting.type,
    amount: String(posting.amountNanoUsd),
    balance_after: String(posting.balanceAfterNanoUsd),
    counter_account: counterAccount,
    legs: counterAccount === null ? posting.legs.map((leg) => [leg.ledgerAccount, String(leg.amountNanoUsd)]) : [],
    description: posting.description,
    cause_kind: posting.cause.kind,
    source: posting.cause.source,
    event_id: posting.cause.eventId,
    line: posting.cause.line,
    instance_id: posting.instanceId,
    occurred_at: posting.occurredAt.toISOString(),
  };
}

/** The other side of two legs of which one is the account's available balance: such a transaction needs no rows of entries. */
function counterAccountOf({ accountId, legs }: Posting): string | null {
  const others = legs.filter((leg) => leg.ledgerAccount !== availableOf(accountId));
  return legs.length === 2 && others.length === 1 ? (others[0]?.ledgerAccount ?? null) : null;
}
