import {
  assertNever,
  byName,
  SUMMED_UNITS,
  type SummedUnitName,
  type UsageGroup,
  type UsageRow,
  type UsageTotalsView,
} from '@ecolink/contracts';
import { Prisma, type PrismaClient } from '@ecolink/database';
import { type AccountDays, quartersBefore, quartersFrom } from '../charges/days/usage-days.store.js';
import { wholeDays } from './whole-days.js';

const QUARTER_MS = 15 * 60_000;

export interface UsageTotals {
  readonly calls: bigint;
  readonly tokens: bigint;
  readonly costNanoUsd: bigint;
}

/** What an account's calls since the beginning of a day of its zone come to. */
export async function sumUsage(
  client: PrismaClient,
  accountId: string,
  { timeZone, filledFrom, day }: AccountDays & { readonly day: string },
): Promise<UsageTotals> {
  const rows = await client.$queryRaw<{ calls: string; tokens: string; cost: string }[]>`
    SELECT coalesce(sum(calls), 0)::text AS calls, coalesce(sum(input_tokens + output_tokens), 0)::text AS tokens,
      coalesce(sum(cost_nano_usd), 0)::text AS cost
    FROM (
      SELECT calls, input_tokens, output_tokens, cost_nano_usd FROM usage_days
      WHERE account_id = ${accountId} AND time_zone = ${timeZone} AND day >= greatest(${day}::date, ${filledFrom}::date)
      ${fromQuarters(
        filledFrom,
        Prisma.sql`
      SELECT calls, input_tokens, output_tokens, cost_nano_usd FROM usage_quarters
      WHERE account_id = ${accountId} AND ${quartersFrom(timeZone, day)} AND ${quartersBefore(timeZone, filledFrom ?? day)}`,
      )}
    ) AS part`;
  const row = rows[0];
  return { calls: BigInt(row?.calls ?? '0'), tokens: BigInt(row?.tokens ?? '0'), costNanoUsd: BigInt(row?.cost ?? '0') };
}

/**
 * The cost of an account's calls since a moment, by its quarters of an hour: calls are counted there as they are posted, so it
 * takes no longer for a busy account. The quarter that the moment is in counts by the part of it that comes after.
 */
export async function sumCostSince(client: PrismaClient, accountId: string, since: Date): Promise<bigint> {
  const quarter = new Date(Math.floor(since.getTime() / QUARTER_MS) * QUARTER_MS);
  const rows = await client.$queryRaw<{ whole: string; first: string }[]>`
    SELECT coalesce(sum(cost_nano_usd) FILTER (WHERE quarter > ${quarter}::timestamptz), 0)::text AS whole,
      coalesce(sum(cost_nano_usd) FILTER (WHERE quarter = ${quarter}::timestamptz), 0)::text AS first
    FROM usage_quarters WHERE account_id = ${accountId} AND quarter >= ${quarter}::timestamptz`;
  const partMs = quarter.getTime() + QUARTER_MS - since.getTime();
  return BigInt(rows[0]?.whole ?? '0') + (BigInt(rows[0]?.first ?? '0') * BigInt(partMs)) / BigInt(QUARTER_MS);
}

/** What days are not filled of is read from the quarters of an hour. */
function fromQuarters(filledFrom: string | null, quarters: Prisma.Sql): Prisma.Sql {
  return filledFrom === null ? Prisma.empty : Prisma.sql`UNION ALL ${quarters}`;
}

export interface UsageReportRequest extends AccountDays {
  readonly from: Date;
  readonly to: Date;
  readonly groups: readonly UsageGroup[];
  readonly limit: number;
}

interface SumsRow extends Readonly<Record<SummedUnitName, string>> {
  readonly calls: string;
  readonly cost: string;
}

interface ReportRow extends SumsRow {
  readonly day?: string;
  readonly model?: string;
  readonly key_id?: string;
  readonly source_tag?: string | null;
  readonly region?: string | null;
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
    SELECT ${columns}, ${SUMS} ${selection(accountId, request)}
    GROUP BY ${places} ORDER BY ${places} LIMIT ${request.limit}::bigint`;
  return rows.map(({ cost, ...row }) => ({ ...row, ...toTotals({ ...row, cost }) }));
}

/** The same over everything that the request selects. */
export async function totalUsage(client: PrismaClient, accountId: string, request: UsageReportRequest): Promise<UsageTotalsView> {
  const [row] = await client.$queryRaw<SumsRow[]>`SELECT ${SUMS} ${selection(accountId, request)}`;
  if (row === undefined) throw new Error('a sum over no rows is a row');
  return toTotals(row);
}

const SHOWN = Prisma.raw(['key_id', 'model', 'source_tag', 'region', 'calls', 'cost_nano_usd', ...SUMMED_UNITS].join(', '));

/** The whole days between two moments, and the quarters of an hour at both ends. */
function selection(accountId: string, { from, to, timeZone, filledFrom }: UsageReportRequest): Prisma.Sql {
  const days = wholeDays(timeZone, from, to);
  return Prisma.sql`FROM (
      SELECT day, ${SHOWN} FROM usage_days WHERE account_id = ${accountId} AND time_zone = ${timeZone}
        AND day >= greatest(${days.first}::date, ${filledFrom}::date) AND day < ${days.end}::date
      UNION ALL
      SELECT (quarter AT TIME ZONE ${timeZone})::date AS day, ${SHOWN} FROM usage_quarters WHERE account_id = ${accountId}
        AND (quarter >= date_bin('15 minutes', ${from}::timestamptz, 'epoch') AND quarter < ${days.startsAt}::timestamptz
          OR quarter >= ${days.endsAt}::timestamptz AND quarter < ${to}::timestamptz)
      ${fromQuarters(
        filledFrom,
        Prisma.sql`
      SELECT (quarter AT TIME ZONE ${timeZone})::date AS day, ${SHOWN} FROM usage_quarters WHERE account_id = ${accountId}
        AND quarter >= ${days.startsAt}::timestamptz AND quarter < ${days.endsAt}::timestamptz
        AND ${quartersBefore(timeZone, filledFrom ?? days.first)}`,
      )}
    ) AS part`;
}

function columnOf(group: UsageGroup): Prisma.Sql {
  switch (group) {
    case 'day':
      return Prisma.sql`to_char(day, 'YYYY-MM-DD') AS day`;
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

const SUMMED = [...SUMMED_UNITS, 'calls'].map((column) => `coalesce(sum(${column}), 0)::text AS ${column}`).join(', ');
const SUMS = Prisma.raw(`${SUMMED}, coalesce(sum(cost_nano_usd), 0)::text AS cost`);

function toTotals(row: SumsRow): UsageTotalsView {
  return {
    calls: Number(row.calls),
    ...byName(SUMMED_UNITS, (unit) => Number(row[unit])),
    cost_nano_usd: row.cost,
  };
}
