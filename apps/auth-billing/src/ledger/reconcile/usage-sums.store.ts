import { SUMMED_UNITS } from '@ecolink/contracts';
import { Prisma, type PrismaClient } from '@ecolink/database';

export interface SumDifference {
  readonly kind: 'usage_totals' | 'budget_spend';
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
}

/** Days (UTC) in which an account has calls or sums of calls. */
export async function daysWithUsage(client: PrismaClient, accountId: string): Promise<readonly Date[]> {
  const rows = await client.$queryRaw<{ day: Date }[]>`
    SELECT date_bin('1 day', started_at, 'epoch') AS day FROM usage_events WHERE account_id = ${accountId}
    UNION SELECT date_bin('1 day', quarter, 'epoch') FROM usage_quarters WHERE account_id = ${accountId}
    UNION SELECT date_bin('1 day', starts_at, 'epoch') FROM key_spend WHERE account_id = ${accountId} ORDER BY day`;
  return rows.map(({ day }) => day);
}

/** An account's calls of a day, and what was given back of them as rows of their own. */
function callsOf(accountId: string, day: Date): Prisma.Sql {
  return Prisma.sql`(
    SELECT started_at, key_id, model, source_tag, region, units, cost_nano_usd FROM usage_events
    WHERE account_id = ${accountId} AND started_at >= ${day}::timestamptz AND started_at < ${day}::timestamptz + interval '1 day'
    UNION ALL
    SELECT started_at, key_id, model, source_tag, region, '{"requests":0}'::jsonb, -refund.amount_nano_usd
    FROM call_refunds AS refund JOIN usage_events AS usage ON usage.event_id = refund.event_id AND usage.source = refund.source
    WHERE refund.account_id = ${accountId} AND started_at >= ${day}::timestamptz AND started_at < ${day}::timestamptz + interval '1 day'
  ) AS calls`;
}

const SUMS = Prisma.raw(SUMMED_UNITS.map((unit) => `coalesce(sum((units->>'${unit}')::bigint), 0) AS ${unit}`).join(', '));
const UNITS = Prisma.raw(SUMMED_UNITS.join(', '));

/** Where a day's sums by quarter of an hour, which reports read, are not those of its calls. In one statement, so of one moment. */
export function differingQuarters(client: PrismaClient, accountId: string, day: Date): Promise<SumDifference[]> {
  return client.$queryRaw<SumDifference[]>`
    WITH counted AS (
      SELECT date_bin('15 minutes', started_at, 'epoch') AS quarter, key_id, model, source_tag, region,
        sum((units->>'requests')::bigint) AS calls, sum(cost_nano_usd) AS cost, ${SUMS}
      FROM ${callsOf(accountId, day)} GROUP BY 1, 2, 3, 4, 5
    ), kept AS (
      SELECT * FROM usage_quarters WHERE account_id = ${accountId} AND quarter >= ${day}::timestamptz
        AND quarter < ${day}::timestamptz + interval '1 day'
    ), difference AS (
      (SELECT quarter, key_id, model, source_tag, region, calls, cost, ${UNITS} FROM counted
        EXCEPT SELECT quarter, key_id, model, source_tag, region, calls, cost_nano_usd, ${UNITS} FROM kept)
      UNION
      (SELECT quarter, key_id, model, source_tag, region, calls, cost_nano_usd, ${UNITS} FROM kept
        EXCEPT SELECT quarter, key_id, model, source_tag, region, calls, cost, ${UNITS} FROM counted)
    )
    SELECT 'usage_totals' AS kind, quarter::text AS subject,
      coalesce((SELECT sum(cost) FROM counted WHERE counted.quarter = each.quarter), 0)::text AS expected,
      coalesce((SELECT sum(cost_nano_usd) FROM kept WHERE kept.quarter = each.quarter), 0)::text AS actual
    FROM (SELECT DISTINCT quarter FROM difference) AS each ORDER BY quarter`;
}

/** The same of what keys have spent, which budgets read. */
export function differingSpend(client: PrismaClient, accountId: string, day: Date): Promise<SumDifference[]> {
  return client.$queryRaw<SumDifference[]>`
    WITH counted AS (
      SELECT key_id, span, date_bin(width::interval, started_at, 'epoch') AS starts_at, sum(cost_nano_usd) AS cost
      FROM ${callsOf(accountId, day)} CROSS JOIN (VALUES ('quarter', '15 minutes'), ('day', '1 day')) AS spans (span, width)
      WHERE cost_nano_usd <> 0 GROUP BY 1, 2, 3
    ), kept AS (
      SELECT key_id, span, starts_at, cost_nano_usd FROM key_spend WHERE account_id = ${accountId}
        AND span IN ('quarter', 'day') AND starts_at >= ${day}::timestamptz AND starts_at < ${day}::timestamptz + interval '1 day'
    )
    SELECT 'budget_spend' AS kind, concat_ws(' ', span, starts_at, key_id) AS subject, coalesce(cost, 0)::text AS expected,
      coalesce(cost_nano_usd, 0)::text AS actual
    FROM counted FULL JOIN kept USING (key_id, span, starts_at) WHERE cost IS DISTINCT FROM cost_nano_usd ORDER BY subject`;
}

/** The same of an account's sums by day, which reports of whole days read. */
export function differingDays(client: PrismaClient, accountId: string): Promise<SumDifference[]> {
  return client.$queryRaw<SumDifference[]>`
    WITH zone AS (
      SELECT time_zone, coalesce(fill.days_from, '-infinity') AS filled_from FROM accounts
      LEFT JOIN usage_day_fills AS fill ON fill.account_id = accounts.id WHERE accounts.id = ${accountId}
    ), counted AS (
      SELECT (quarter AT TIME ZONE time_zone)::date AS day, key_id, model, source_tag, region, sum(calls)::bigint AS calls,
        sum(cost_nano_usd)::bigint AS cost
      FROM usage_quarters CROSS JOIN zone WHERE account_id = ${accountId}
        AND (quarter AT TIME ZONE time_zone)::date >= filled_from GROUP BY 1, 2, 3, 4, 5
    ), kept AS (
      SELECT day, key_id, model, source_tag, region, calls, cost_nano_usd FROM usage_days JOIN zone USING (time_zone)
      WHERE account_id = ${accountId} AND day >= filled_from
    ), difference AS ((TABLE counted EXCEPT TABLE kept) UNION (TABLE kept EXCEPT TABLE counted))
    SELECT 'usage_totals' AS kind, day::text AS subject,
      coalesce((SELECT sum(cost) FROM counted WHERE counted.day = each.day), 0)::text AS expected,
      coalesce((SELECT sum(cost_nano_usd) FROM kept WHERE kept.day = each.day), 0)::text AS actual
    FROM (SELECT DISTINCT day FROM difference) AS each ORDER BY day`;
}
