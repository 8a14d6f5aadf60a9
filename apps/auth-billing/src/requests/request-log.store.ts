import type { CallAttempt, RequestRefused, UsageRecorded } from '@ecolink/contracts';
import type { PrismaClient } from '@ecolink/database';
import { recordset } from '../ledger/recordset.js';

/** A row of the log as the database has it. */
export interface RequestRow {
  readonly request_id: string;
  readonly started_at: Date;
  readonly key_id: string;
  readonly model: string | null;
  readonly endpoint: string;
  readonly status: number;
  readonly code: string | null;
  readonly outcome: string;
  readonly region: string | null;
  readonly attempts: unknown;
  readonly ttft_ms: number | null;
  readonly duration_ms: number;
  readonly units: unknown;
  readonly estimated: boolean;
  readonly cost_nano_usd: bigint;
  readonly source_tag: string | null;
  readonly instance_id: bigint | null;
  readonly platform_model_id: string | null;
}

/**
 * Adds calls that billing has recorded, with what they cost. A call that was refused after it had been sent is one row: each of its two
 * events, in whichever order they come, adds what only it knows. A call that a batch holds twice is added once.
 */
export async function addCalls(client: PrismaClient, calls: readonly UsageRecorded[]): Promise<void> {
  const rows = recordset(
    calls.map(({ event_id, source, attempts }) => ({ event_id, source, attempts: attempts ?? ([] as readonly CallAttempt[]) })),
  );
  await client.$executeRaw`
    INSERT INTO request_log (started_at, request_id, account_id, key_id, model, endpoint, status, outcome, region, attempts, ttft_ms,
      duration_ms, units, estimated, cost_nano_usd, source_tag, instance_id, platform_model_id)
    SELECT DISTINCT ON (usage.account_id, usage.started_at, usage.request_id)
      usage.started_at, usage.request_id, usage.account_id, usage.key_id, usage.model, usage.endpoint, usage.status, usage.outcome,
      usage.region, call.attempts, usage.ttft_ms, extract(epoch FROM usage.ended_at - usage.started_at) * 1000, usage.units,
      usage.estimated, usage.cost_nano_usd - coalesce(refund.amount_nano_usd, 0), usage.source_tag, usage.instance_id, usage.platform_model_id
    FROM json_to_recordset(${rows}::json) AS call (event_id text, source text, attempts jsonb)
    CROSS JOIN LATERAL (
      SELECT * FROM usage_events WHERE usage_events.event_id = call.event_id AND usage_events.source = call.source LIMIT 1
    ) AS usage
    LEFT JOIN call_refunds AS refund ON refund.account_id = usage.account_id AND refund.request_id = usage.request_id
    ORDER BY usage.account_id, usage.started_at, usage.request_id
    ON CONFLICT (account_id, started_at, request_id) DO UPDATE
    SET outcome = excluded.outcome, region = excluded.region, ttft_ms = excluded.ttft_ms, units = excluded.units,
      estimated = excluded.estimated, cost_nano_usd = excluded.cost_nano_usd, instance_id = excluded.instance_id,
      platform_model_id = excluded.platform_model_id`;
}

/** Takes what was given back of calls off what they cost. */
export async function takeOffRefunds(client: PrismaClient, failed: readonly UsageRecorded[]): Promise<void> {
  await client.$executeRaw`
    UPDATE request_log AS log SET cost_nano_usd = 0
    FROM json_to_recordset(${recordset(failed)}::json) AS job (account_id text, refund_of text)
    JOIN call_refunds AS refund ON refund.account_id = job.account_id AND refund.request_id = job.refund_of
    WHERE log.account_id = refund.account_id AND log.request_id = refund.request_id AND refund.refunded_at IS NOT NULL`;
}

/** Adds calls that were refused. */
export async function addRefusals(client: PrismaClient, refusals: readonly RequestRefused[]): Promise<void> {
  const rows = recordset(refusals);
  await client.$executeRaw`
    INSERT INTO request_log (started_at, request_id, account_id, key_id, model, endpoint, status, code, outcome, attempts, duration_ms,
      source_tag)
    SELECT started_at, request_id, account_id, key_id, model, endpoint, status, code, 'refused', attempts, duration_ms, source_tag
    FROM json_to_recordset(${rows}::json) AS refusal (started_at timestamptz, request_id text, account_id text, key_id text, model text,
      endpoint text, status integer, code text, attempts jsonb, duration_ms double precision, source_tag text)
    ORDER BY account_id, started_at, request_id
    ON CONFLICT (account_id, started_at, request_id) DO UPDATE
    SET code = excluded.code, status = excluded.status, attempts = excluded.attempts`;
}

/** Notes refusals that were counted and not kept. */
export async function addRefusalCounts(client: PrismaClient, refusals: readonly RequestRefused[]): Promise<void> {
  const rows = recordset(refusals);
  await client.$executeRaw`
    INSERT INTO refusal_counts (account_id, started_at, key_id, code, source, count)
    SELECT DISTINCT ON (account_id, started_at, key_id, code, source) account_id, started_at, key_id, code, source, counted
    FROM json_to_recordset(${rows}::json) AS refusal (account_id text, started_at timestamptz, key_id text, code text, source text,
      counted integer)
    ORDER BY account_id, started_at, key_id, code, source, counted DESC
    ON CONFLICT (account_id, started_at, key_id, code, source) DO UPDATE SET count = excluded.count`;
}
