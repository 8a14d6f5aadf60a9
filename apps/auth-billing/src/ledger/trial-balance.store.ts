import type { Database } from '@ecolink/database';

export interface LedgerAccountSum {
  readonly ledgerAccount: string;
  readonly amountNanoUsd: bigint;
}

/** Sums by ledger account of everything posted up to and including a moment. */
export async function sumLedgerAccounts(database: Database, at: Date): Promise<readonly LedgerAccountSum[]> {
  const rows = await database.client.$queryRaw<{ ledger_account: string; amount: string }[]>`
    SELECT e.ledger_account, sum(e.amount_nano_usd)::text AS amount
    FROM ledger_entries AS e JOIN ledger_transactions AS t ON t.id = e.transaction_id
    WHERE t.created_at <= ${at}::timestamptz
    GROUP BY e.ledger_account ORDER BY e.ledger_account`;
  return rows.map((row) => ({ ledgerAccount: row.ledger_account, amountNanoUsd: BigInt(row.amount) }));
}
