import type { Database } from '@ecolink/database';

export interface VerifiedSlice {
  /** How many were looked at. */
  readonly checked: number;
  /** In words, with ids; empty where everything holds. */
  readonly problems: readonly string[];
  /** Where the next slice begins; undefined at the end. */
  readonly next: string | undefined;
}

/**
 * Checks the ledger transactions after a sequence number: at least two entries each, which sum to zero and move the account by the
 * transaction's amount, or a counter account and no entries; and a balance that is the account's balance before plus that amount. The
 * balance before is found by the order of (account, sequence), which one index has: no statistics lead the planner to another.
 */
export async function verifyTransactions(database: Database, afterSequence: string, limit: number): Promise<VerifiedSlice> {
  const rows = await database.client.$queryRaw<{ sequence: bigint; id: string; is_right: boolean }[]>`
    SELECT t.sequence, t.id, (
        CASE WHEN t.counter_account IS NULL THEN legs.total = 0 AND legs.count >= 2 AND legs.of_account = t.amount_nano_usd ELSE legs.count = 0 END
        AND t.balance_after_nano_usd = t.amount_nano_usd + coalesce(before.balance, 0)
      ) IS TRUE AS is_right
    FROM ledger_transactions AS t LEFT JOIN LATERAL (
      SELECT CASE WHEN earlier.account_id = t.account_id THEN earlier.balance_after_nano_usd END AS balance FROM (
        SELECT account_id, balance_after_nano_usd FROM ledger_transactions
        WHERE (account_id, sequence) < (t.account_id, t.sequence) ORDER BY account_id DESC, sequence DESC LIMIT 1
      ) AS earlier
    ) AS before ON true LEFT JOIN LATERAL (
      SELECT count(*) AS count, sum(e.amount_nano_usd) AS total,
        sum(e.amount_nano_usd) FILTER (WHERE e.ledger_account = 'account:' || t.account_id) AS of_account
      FROM ledger_entries AS e WHERE e.transaction_id = t.id
    ) AS legs ON true
    WHERE t.sequence > ${afterSequence}::text::bigint ORDER BY t.sequence LIMIT ${limit}::bigint`;
  const problems = rows
    .filter((row) => !row.is_right)
    .map((row) => `transaction ${row.id} is not balanced or breaks its account's balance`);
  const next = rows.length < limit ? undefined : String(rows.at(-1)?.sequence ?? afterSequence);
  return { checked: rows.length, problems, next };
}

/** Checks that the balances of accounts after an id are what their ledger ends with, and that what is held is the sum of their holds. */
export async function verifyBalances(database: Database, afterAccountId: string, limit: number): Promise<VerifiedSlice> {
  const rows = await database.client.$queryRaw<{ account_id: string; is_right: boolean }[]>`
    SELECT b.account_id, b.balance_nano_usd = coalesce((
        SELECT CASE WHEN newest.account_id = b.account_id THEN newest.balance_after_nano_usd END FROM (
          SELECT account_id, balance_after_nano_usd FROM ledger_transactions
          WHERE account_id <= b.account_id ORDER BY account_id DESC, sequence DESC LIMIT 1) AS newest), 0)
      AND b.held_nano_usd = coalesce((
        SELECT sum(h.hold_nano_usd) FROM instance_holds AS h
        WHERE h.account_id = b.account_id AND h.status IN ('pending', 'held')), 0) AS is_right
    FROM balances AS b WHERE b.account_id > ${afterAccountId} ORDER BY b.account_id LIMIT ${limit}::bigint`;
  const problems = rows
    .filter((row) => !row.is_right)
    .map(
      (row) => `the balance of ${row.account_id} is not the fold of its entries, or what it holds is not the sum of its holds`,
    );
  return { checked: rows.length, problems, next: rows.length < limit ? undefined : rows.at(-1)?.account_id };
}
