import type { PrismaClient } from '@ecolink/database';

export interface CallFigures {
  readonly answers: number;
  readonly refused: number;
  readonly errors: number;
  readonly ttft_p50: number | null;
  readonly ttft_p95: number | null;
}

/** Of the answers whose calls began since then; by the partitions of the request log that can hold them. */
export async function readCallFigures(client: PrismaClient, since: Date): Promise<CallFigures | undefined> {
  const [figures] = await client.$queryRaw<CallFigures[]>`
    SELECT count(*)::integer AS answers, (count(*) FILTER (WHERE outcome = 'refused'))::integer AS refused,
      (count(*) FILTER (WHERE status >= 500))::integer AS errors,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY ttft_ms) AS ttft_p50, percentile_cont(0.95) WITHIN GROUP (ORDER BY ttft_ms) AS ttft_p95
    FROM request_log WHERE started_at >= ${since}::timestamptz`;
  return figures;
}

export interface PostingLag {
  readonly p50: number | null;
  readonly max: number | null;
}

/** Milliseconds from the end of a call to its recording. Calls that began an hour before may be among them. */
export async function readPostingLag(client: PrismaClient, since: Date): Promise<PostingLag | undefined> {
  const [lag] = await client.$queryRaw<PostingLag[]>`
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY lag) AS p50, max(lag) AS max FROM (
      SELECT (extract(epoch FROM recorded_at - ended_at) * 1000)::double precision AS lag FROM request_log
      JOIN usage_events USING (account_id, request_id)
      WHERE request_log.started_at >= ${since}::timestamptz AND usage_events.recorded_at >= ${since}::timestamptz
      LIMIT 2000) AS posted`;
  return lag;
}

export function countWaitingDeadLetters(client: PrismaClient): Promise<number> {
  return client.deadLetter.count({ where: { replayedAt: null } });
}
