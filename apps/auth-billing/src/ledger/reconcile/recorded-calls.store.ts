import { type Units, unitsDto } from '@ecolink/contracts';
import type { PrismaClient } from '@ecolink/database';

/** A call as it is recorded, with the ledger transaction of its cause. */
export interface RecordedCall {
  readonly eventId: string;
  readonly source: string;
  readonly target: string;
  readonly startedAt: Date;
  readonly recordedAt: Date;
  readonly units: Units;
  readonly billable: boolean;
  readonly priceVersion: number | null;
  readonly costNanoUsd: bigint;
  /** Null where there is none. */
  readonly postedNanoUsd: bigint | null;
}

export interface CallPlace {
  readonly startedAt: Date;
  readonly eventId: string;
}

interface Row {
  readonly event_id: string;
  readonly source: string;
  readonly target: string;
  readonly started_at: Date;
  readonly recorded_at: Date;
  readonly units: unknown;
  readonly billable: boolean;
  readonly price_version: number | null;
  readonly cost_nano_usd: bigint;
  readonly posted: bigint | null;
}

/** An account's calls before a place, newest first. */
export async function readRecordedCalls(
  client: PrismaClient,
  accountId: string,
  before: CallPlace | undefined,
  limit: number,
): Promise<readonly RecordedCall[]> {
  const at = before?.startedAt ?? new Date('9000-01-01T00:00:00.000Z');
  const rows = await client.$queryRaw<Row[]>`
    SELECT u.event_id, u.source, coalesce('platform:' || u.platform_model_id, 'instance:' || u.instance_id) AS target, u.started_at,
      u.recorded_at, u.units, u.billable, u.price_version, u.cost_nano_usd, t.amount_nano_usd AS posted
    FROM usage_events AS u
    LEFT JOIN ledger_transactions AS t ON t.event_id = u.event_id AND t.source = u.source AND t.line = 0
    WHERE u.account_id = ${accountId} AND (u.started_at, u.event_id) < (${at}::timestamptz, ${before?.eventId ?? ''})
    ORDER BY u.started_at DESC, u.event_id DESC LIMIT ${limit}::bigint`;
  return rows.map((row) => ({
    eventId: row.event_id,
    source: row.source,
    target: row.target,
    startedAt: row.started_at,
    recordedAt: row.recorded_at,
    units: unitsDto.parse(row.units),
    billable: row.billable,
    priceVersion: row.price_version,
    costNanoUsd: row.cost_nano_usd,
    postedNanoUsd: row.posted,
  }));
}

/** Ledger rows of calls that are not recorded. */
export async function readOrphanedPostings(client: PrismaClient, accountId: string, limit: number): Promise<readonly string[]> {
  const rows = await client.$queryRaw<{ id: string }[]>`
    SELECT t.id FROM ledger_transactions AS t LEFT JOIN usage_events AS u ON u.event_id = t.event_id AND u.source = t.source
    WHERE t.account_id = ${accountId} AND t.cause_kind = 'usage_event' AND u.event_id IS NULL
    ORDER BY t.sequence LIMIT ${limit}::bigint`;
  return rows.map(({ id }) => id);
}

export interface RefundDifference {
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
}

/** Refunds of calls that the ledger has with another amount, or that are more than their call cost. */
export function differingRefunds(client: PrismaClient, accountId: string): Promise<RefundDifference[]> {
  return client.$queryRaw<RefundDifference[]>`
    WITH noted AS (
      SELECT refund.event_id, refund.source, least(refund.amount_nano_usd, usage.cost_nano_usd) AS amount FROM call_refunds AS refund
      LEFT JOIN usage_events AS usage ON usage.event_id = refund.event_id AND usage.source = refund.source
      WHERE refund.account_id = ${accountId} AND refund.refunded_at IS NOT NULL
    ), posted AS (
      SELECT event_id, source, sum(amount_nano_usd) AS amount FROM ledger_transactions
      WHERE account_id = ${accountId} AND cause_kind = 'usage_event' AND type = 'refund' GROUP BY 1, 2
    )
    SELECT concat_ws(' ', source, event_id) AS subject, coalesce(noted.amount, 0)::text AS expected,
      coalesce(posted.amount, 0)::text AS actual
    FROM noted FULL JOIN posted USING (event_id, source) WHERE coalesce(noted.amount, 0) <> coalesce(posted.amount, 0)
    ORDER BY subject`;
}
