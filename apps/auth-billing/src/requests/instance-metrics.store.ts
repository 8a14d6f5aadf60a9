import type { PrismaClient } from '@ecolink/database';
import type { TimeRange } from './read-requests.store.js';

/** Figures of one step; `at` is null in the row of the whole time. */
export interface MetricsRow {
  readonly at: Date | null;
  readonly calls: number;
  readonly errors: number;
  readonly refused: number;
  readonly input_tokens: bigint;
  readonly cached_input_tokens: bigint;
  readonly output_tokens: bigint;
  readonly cost_nano_usd: bigint;
  readonly ttft_ms_p50: number | null;
  readonly ttft_ms_p95: number | null;
  readonly duration_ms_p50: number | null;
}

interface MeasuredInstance {
  readonly accountId: string;
  readonly instanceId: number;
  /** What callers write: a refused call has no instance, only this. */
  readonly model: string;
}

/** The steps that have rows, and the whole time, in one reading of the log. */
export function readInstanceMetrics(
  client: PrismaClient,
  { accountId, instanceId, model }: MeasuredInstance,
  { from, to }: TimeRange,
  stepSeconds: number,
): Promise<MetricsRow[]> {
  return client.$queryRaw<MetricsRow[]>`
    SELECT step AS at,
      count(*) FILTER (WHERE outcome <> 'refused')::integer AS calls,
      count(*) FILTER (WHERE outcome IN ('failed', 'upstream_error', 'upstream_cut') OR outcome <> 'refused' AND status >= 500)::integer
        AS errors,
      count(*) FILTER (WHERE outcome = 'refused')::integer AS refused,
      coalesce(sum((units->>'input_tokens')::bigint), 0)::bigint AS input_tokens,
      coalesce(sum((units->>'cached_input_tokens')::bigint), 0)::bigint AS cached_input_tokens,
      coalesce(sum((units->>'output_tokens')::bigint), 0)::bigint AS output_tokens,
      coalesce(sum(cost_nano_usd), 0)::bigint AS cost_nano_usd,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY ttft_ms) AS ttft_ms_p50,
      percentile_cont(0.95) WITHIN GROUP (ORDER BY ttft_ms) AS ttft_ms_p95,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE outcome <> 'refused') AS duration_ms_p50
    FROM (
      SELECT date_bin(make_interval(secs => ${stepSeconds}), started_at, ${from}) AS step, * FROM request_log
      WHERE account_id = ${accountId} AND started_at >= ${from} AND started_at < ${to}
        AND (instance_id = ${BigInt(instanceId)} OR instance_id IS NULL AND model = ${model})
    ) AS row
    GROUP BY GROUPING SETS ((step), ()) ORDER BY step`;
}
