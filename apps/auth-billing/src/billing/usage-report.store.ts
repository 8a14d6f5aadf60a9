import { assertNever, type UsageGroup, type UsageRow } from '@ecolink/contracts';
import { Prisma, type PrismaClient } from '@ecolink/database';

export interface UsageTotals {
  readonly calls: bigint;
  readonly tokens: bigint;
  readonly costNanoUsd: bigint;
}

/** What an account's calls since a moment come to. */
export async function sumUsage(client: PrismaClient, accountId: string, since: Date): Promise<UsageTotals> {
  const rows = await client.$queryRaw<{ calls: bigint; tokens: string; cost: string }[]>`
    SELECT count(*) AS calls,
      coalesce(sum(coalesce((units->>'input_tokens')::bigint, 0) + coalesce((units->>'output_tokens')::bigint, 0)), 0)::text AS tokens,
      coalesce(sum(cost_nano_usd), 0)::text AS cost
    FROM usage_events WHERE account_id = ${accountId} AND started_at >= ${since}::timestamptz`;
  const row = rows[0];
  return { calls: row?.calls ?? 0n, tokens: BigInt(row?.tokens ?? '0'), costNanoUsd: BigInt(row?.cost ?? '0') };
}

export interface UsageReportRequest {
  readonly from: Date;
  readonly to: Date;
  readonly groups: readonly UsageGroup[];
  readonly limit: number;
}

interface ReportRow {
  readonly day?: string;
  readonly model?: string;
  readonly key_id?: string;
  readonly source_tag?: string | null;
  readonly region?: string | null;
  readonly calls: bigint;
  readonly input_tokens: string;
  readonly cached_input_tokens: string;
  readonly output_tokens: string;
  readonly images: string;
  readonly audio_milliseconds: string;
  readonly video_milliseconds: string;
  readonly cost: string;
}

/** Sums of an account's calls by group, in the groups' order; at most `limit` rows. */
export async function groupUsage(
  client: PrismaClient,
  accountId: string,
  request: UsageReportRequest,
): Promise<readonly UsageRow[]> {
  const columns = Prisma.join(request.groups.map(columnOf));
  const places = Prisma.join(request.groups.map((_, index) => Prisma.raw(String(index + 1))));
  const rows = await client.$queryRaw<ReportRow[]>`
    SELECT ${columns}, count(*) AS calls, ${sumOf('input_tokens')}, ${sumOf('cached_input_tokens')}, ${sumOf('output_tokens')},
      ${sumOf('images')}, ${sumOf('audio_milliseconds')}, ${sumOf('video_milliseconds')}, sum(cost_nano_usd)::text AS cost
    FROM usage_events
    WHERE account_id = ${accountId} AND started_at >= ${request.from}::timestamptz AND started_at < ${request.to}::timestamptz
    GROUP BY ${places} ORDER BY ${places} LIMIT ${request.limit}::bigint`;
  return rows.map(toUsageRow);
}

function columnOf(group: UsageGroup): Prisma.Sql {
  switch (group) {
    case 'day':
      return Prisma.sql`to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day`;
    case 'key':
      return Prisma.sql`key_id`;
    case 'model':
    case 'source_tag':
    case 'region':
      return Prisma.raw(group);
    default:
      return assertNever(group);
  }
}

type SummedUnit =
  'input_tokens' | 'cached_input_tokens' | 'output_tokens' | 'images' | 'audio_milliseconds' | 'video_milliseconds';

function sumOf(unit: SummedUnit): Prisma.Sql {
  return Prisma.raw(`coalesce(sum((units->>'${unit}')::bigint), 0)::text AS ${unit}`);
}

function toUsageRow({ cost, ...row }: ReportRow): UsageRow {
  return {
    ...row,
    calls: Number(row.calls),
    input_tokens: Number(row.input_tokens),
    cached_input_tokens: Number(row.cached_input_tokens),
    output_tokens: Number(row.output_tokens),
    images: Number(row.images),
    audio_milliseconds: Number(row.audio_milliseconds),
    video_milliseconds: Number(row.video_milliseconds),
    cost_nano_usd: cost,
  };
}
