import { SUMMED_UNITS, type UsageRecorded } from '@ecolink/contracts';
import { Prisma, type Transaction } from '@ecolink/database';
import { recordset } from '../../ledger/recordset.js';

export const UNITS = Prisma.raw(SUMMED_UNITS.join(', '));
const UNIT_COLUMNS = Prisma.raw(SUMMED_UNITS.map((unit) => `${unit} bigint`).join(', '));
export const UNIT_SUMS = Prisma.raw(SUMMED_UNITS.map((unit) => `coalesce(sum(${unit}), 0)`).join(', '));

/** What an insert adds to the sums of a row that is there. */
function added(table: 'usage_quarters' | 'usage_days'): Prisma.Sql {
  const sums = ['calls', 'cost_nano_usd', ...SUMMED_UNITS];
  return Prisma.raw(sums.map((sum) => `${sum} = ${table}.${sum} + excluded.${sum}`).join(', '));
}

/** What counts of a call; what is given back of one has no units and a negative cost. */
export interface SummedCall {
  readonly call: {
    readonly usage: Pick<UsageRecorded, 'account_id' | 'key_id' | 'model' | 'source_tag' | 'region' | 'started_at' | 'units'>;
  };
  readonly costNanoUsd: bigint;
}

/** Adds calls to the sums that reports and budgets read. Under the locks of their accounts, so that no two batches cross. */
export async function addToTotals(transaction: Transaction, calls: readonly SummedCall[]): Promise<void> {
  if (calls.length === 0) return;
  const rows = recordset(
    calls.map(({ call: { usage }, costNanoUsd }) => ({ ...usage, ...usage.units, cost_nano_usd: String(costNanoUsd) })),
  );
  await transaction.$executeRaw`
    WITH call AS (
      SELECT *, date_bin('15 minutes', started_at, 'epoch') AS quarter
      FROM json_to_recordset(${rows}::json) AS each (account_id text, key_id text, model text, source_tag text, region text,
        started_at timestamptz, requests bigint, cost_nano_usd bigint, ${UNIT_COLUMNS})
    ), spent AS (
      INSERT INTO key_spend (account_id, key_id, span, starts_at, cost_nano_usd)
      SELECT account_id, key_id, span, date_bin(width::interval, quarter, 'epoch') AS starts_at, sum(cost_nano_usd)
      FROM call CROSS JOIN (VALUES ('quarter', '15 minutes'), ('day', '1 day')) AS spans (span, width)
      WHERE cost_nano_usd <> 0 GROUP BY account_id, key_id, span, starts_at
      ON CONFLICT (account_id, span, starts_at, key_id) DO UPDATE SET cost_nano_usd = key_spend.cost_nano_usd + excluded.cost_nano_usd
    ), days AS (
      INSERT INTO usage_days (account_id, time_zone, day, key_id, model, source_tag, region, calls, cost_nano_usd, ${UNITS})
      SELECT account_id, time_zone, (started_at AT TIME ZONE time_zone)::date AS day, key_id, model, source_tag, region, sum(requests),
        sum(cost_nano_usd), ${UNIT_SUMS}
      FROM call JOIN accounts ON accounts.id = call.account_id LEFT JOIN usage_day_fills AS fill USING (account_id)
      -- A day that is not filled yet is filled from its quarters, which have the call.
      WHERE fill.days_from IS NULL OR (started_at AT TIME ZONE time_zone)::date >= fill.days_from
      GROUP BY account_id, time_zone, day, key_id, model, source_tag, region
      ON CONFLICT (account_id, time_zone, day, key_id, model, source_tag, region) DO UPDATE SET ${added('usage_days')}
    )
    INSERT INTO usage_quarters (account_id, quarter, key_id, model, source_tag, region, calls, cost_nano_usd, ${UNITS})
    SELECT account_id, quarter, key_id, model, source_tag, region, sum(requests), sum(cost_nano_usd), ${UNIT_SUMS}
    FROM call GROUP BY account_id, quarter, key_id, model, source_tag, region
    ON CONFLICT (account_id, quarter, key_id, model, source_tag, region) DO UPDATE SET ${added('usage_quarters')}`;
}
