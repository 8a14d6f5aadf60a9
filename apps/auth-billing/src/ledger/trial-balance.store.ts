import type { Database } from '@ecolink/database';

export interface LedgerAccountSum {
  readonly ledgerAccount: string;
  readonly amountNanoUsd: bigint;
}

/** Sums by ledger account of everything posted up to and including a moment. */
export async function sumLedgerAccounts(database: Database, at: Date): Promise<readonly LedgerAccountSum[]> {
  const rows = await database.client.$queryRaw<{ ledger_account: string; amount: string }[]>`
    SELECT ledger_account, sum(amount)::text AS amount FROM (
      SELECT e.ledger_account, sum(e.amount_nano_usd) AS amount
      FROM ledger_entries AS e JOIN ledger_transactions AS t ON t.id = e.transaction_id
      WHERE t.created_at <= ${at}::timestamptz GROUP BY e.ledger_account
      UNION ALL
      SELECT 'account:' || account_id, sum(amount_nano_usd) FROM ledger_transactions
      WHERE counter_account IS NOT NULL AND created_at <= ${at}::timestamptz GROUP BY account_id
      UNION ALL
      SELECT counter_account, -sum(amount_nano_usd) FROM ledger_transactions
      WHERE counter_account IS NOT NULL AND created_at <= ${at}::timestamptz GROUP BY counter_account
    ) AS sums GROUP BY ledger_account ORDER BY ledger_account`;
  return rows.map((row) => ({ ledgerAccount: row.ledger_account, amountNanoUsd: BigInt(row.amount) }));
}
