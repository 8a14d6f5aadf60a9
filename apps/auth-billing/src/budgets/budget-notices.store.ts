import type { BudgetState } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { recordset } from '../ledger/recordset.js';

export interface PassedThreshold {
  readonly budget: BudgetState;
  readonly percent: number;
}

/** Remembers thresholds that windows have passed; gives those that are new, as `budget id percent`. */
export async function insertNotices(transaction: Transaction, passed: readonly PassedThreshold[]): Promise<readonly string[]> {
  const rows = recordset(
    passed.map(({ budget, percent }) => ({ id: budget.budget_id, since: budget.window_started_at, percent })),
  );
  const fresh = await transaction.$queryRaw<{ budget_id: string; percent: number }[]>`
    INSERT INTO budget_notices (budget_id, window_started_at, percent)
    SELECT id, since, percent FROM json_to_recordset(${rows}::json) AS each (id text, since timestamptz, percent integer)
    ON CONFLICT DO NOTHING RETURNING budget_id, percent`;
  return fresh.map((row) => `${row.budget_id} ${row.percent}`);
}
