import type { Database } from '@ecolink/database';

export interface VerifiedSlice {
  /** In words, with ids; empty where everything holds. */
  readonly problems: readonly string[];
  /** Where the next slice begins; undefined at the end. */
  readonly next: string | undefined;
}

/**
 * Checks the ledger transactions after a sequence number: at least two entries each, which sum to zero and move the account by the
 * transaction's amount, and a balance that is the account's balance before plus that amount.
 */
export async function verifyTransactions(database: Database, afterSequence: string, limit: number): Promise<VerifiedSlice> {
  const rows = await database.client.$queryRaw<{ sequence: bigint; id: string; is_right: boolean }[]>`
    SELECT t.sequence, t.id, (
        legs.total = 0 AND legs.count >= 2 AND legs.of_account = t.amount_nano_usd AND t.balance_after_nano_usd = t.amount_nano_usd + coalesce((
          SELECT before.balance_after_nano_usd FROM ledger_transactions AS before
          WHERE before.account_id = t.account_id AND before.sequence < t.sequence ORDER BY before.sequence DESC LIMIT 1), 0)
      ) IS TRUE AS is_right
    FROM ledger_transactions AS t LEFT JOIN LATERAL (
      SELECT count(*) AS count, sum(e.amount_nano_usd) AS total,
        sum(e.amount_nano_usd) FILTER (WHERE e.ledger_account = 'account:' || t.account_id) AS of_account
      FROM ledger_entries AS e WHERE e.transaction_id = t.id
    ) AS legs ON true
    WHERE t.sequence > ${afterSequence}::text::bigint ORDER BY t.sequence LIMIT ${limit}::bigint`;
  const problems = rows
    .filter((row) => !row.is_right)
    .map((row) => `transaction ${row.id} is not balanced or breaks its account's balance`);
  return { problems, next: rows.length < limit ? undefined : String(rows.at(-1)?.sequence ?? afterSequence) };
}

/** Checks that the balances of accounts after an id are what their ledger ends with. */
export async function verifyBalances(database: Database, afterAccountId: string, limit: number): Promise<VerifiedSlice> {
  const rows = await database.client.$queryRaw<{ account_id: string; is_right: boolean }[]>`
    SELECT b.account_id, b.balance_nano_usd = coalesce((
        SELECT t.balance_after_nano_usd FROM ledger_transactions AS t
        WHERE t.account_id = b.account_id ORDER BY t.sequence DESC LIMIT 1), 0) AS is_right
    FROM balances AS b WHERE b.account_id > ${afterAccountId} ORDER BY b.account_id LIMIT ${limit}::bigint`;
  const problems = rows
    .filter((row) => !row.is_right)
    .map((row) => `the balance of ${row.account_id} is not the fold of its entries`);
  return { problems, next: rows.length < limit ? undefined : rows.at(-1)?.account_id };
}
