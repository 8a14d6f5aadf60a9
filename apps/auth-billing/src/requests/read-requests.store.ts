import type { RequestsHistogramQuery, RequestsQuery } from '@ecolink/contracts';
import { Prisma, type PrismaClient, type Transaction } from '@ecolink/database';
import type { RequestRow } from './request-log.store.js';

export type Filters = Pick<
  RequestsQuery,
  'key_id' | 'model' | 'endpoint' | 'status' | 'code' | 'outcome' | 'region' | 'source_tag'
>;

/** A stretch of time, `from` included, `to` not. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

/** A place in the log, of which a page goes on. */
export interface RequestPlace {
  readonly startedAt: Date;
  readonly requestId: string;
}

const COLUMNS = Prisma.sql`request_id, started_at, key_id, model, endpoint, status, code, outcome, region, attempts, ttft_ms, duration_ms,
  units, estimated, cost_nano_usd, source_tag, instance_id, platform_model_id`;

export interface PageQuery {
  readonly accountId: string;
  readonly range: TimeRange;
  readonly filters: Filters;
  readonly limit: number;
  /** Goes on to older rows, or back to newer ones. */
  readonly place?: RequestPlace | undefined;
  readonly isBackwards: boolean;
}

/** Rows of a page in the order they are read: newest first, or oldest first when going backwards. */
export function readRows(client: Transaction, query: PageQuery): Promise<RequestRow[]> {
  const order = orderOf(query);
  return client.$queryRaw<RequestRow[]>`
    SELECT ${COLUMNS} FROM request_log WHERE ${placeOf(query)} ${filtersOf(query.filters)} ORDER BY ${order} LIMIT ${query.limit}`;
}

/** The same among the `rows` next rows of the account only, so that it takes no longer when few of them match. */
export function readRowsAmong(client: PrismaClient, query: PageQuery, rows: number): Promise<RequestRow[]> {
  const order = orderOf(query);
  return client.$queryRaw<RequestRow[]>`
    SELECT ${COLUMNS} FROM (SELECT * FROM request_log WHERE ${placeOf(query)} ORDER BY ${order} LIMIT ${rows}) AS near
    WHERE true ${filtersOf(query.filters)} ORDER BY ${order} LIMIT ${query.limit}`;
}

/** The place that is `rows` rows further; undefined where there are no more. */
export async function placeAfter(client: PrismaClient, query: PageQuery, rows: number): Promise<RequestPlace | undefined> {
  const found = await client.$queryRaw<RequestPlace[]>`
    SELECT started_at AS "startedAt", request_id AS "requestId" FROM request_log
    WHERE ${placeOf(query)} ORDER BY ${orderOf(query)} OFFSET ${rows - 1} LIMIT 1`;
  return found[0];
}

/** From here on a transaction finds rows by the summaries of the log's stretches, whatever the planner makes of its statistics. */
export async function preferFacets(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)`;
}

function orderOf({ isBackwards }: PageQuery): Prisma.Sql {
  return isBackwards ? Prisma.sql`started_at, request_id` : Prisma.sql`started_at DESC, request_id DESC`;
}

function placeOf({ accountId, range, place, isBackwards }: PageQuery): Prisma.Sql {
  const stretch = stretchOf(accountId, range);
  if (place === undefined) return stretch;
  const compare = isBackwards ? Prisma.sql`>` : Prisma.sql`<`;
  return Prisma.sql`${stretch} AND (started_at, request_id) ${compare} (${place.startedAt}, ${place.requestId})`;
}

export async function findRequest(client: PrismaClient, accountId: string, requestId: string): Promise<RequestRow | undefined> {
  const rows = await client.$queryRaw<RequestRow[]>`
    SELECT ${COLUMNS} FROM request_log WHERE request_id = ${requestId} AND account_id = ${accountId} LIMIT 1`;
  return rows[0];
}

/** Refusals of that time that were counted and not kept; none where a filter asks for what a count does not know. */
export async function countRefusals(
  client: PrismaClient,
  accountId: string,
  range: TimeRange,
  filters: Filters,
): Promise<number> {
  const { key_id: keyId, code, model, endpoint, status, outcome, region, source_tag } = filters;
  const others = { model, endpoint, status, outcome, region, source_tag };
  const isKnown = Object.entries(others).every(
    ([name, value]) => value === undefined || (name === 'outcome' && value === 'refused'),
  );
  if (!isKnown) return 0;
  const rows = await client.$queryRaw<{ count: number }[]>`
    SELECT coalesce(sum(count), 0)::integer AS count FROM refusal_counts
    WHERE account_id = ${accountId} AND started_at >= ${range.from} AND started_at < ${range.to}
      ${equals('key_id', keyId)} ${equals('code', code)}`;
  return rows[0]?.count ?? 0;
}

export function readHistogram(
  client: PrismaClient,
  accountId: string,
  range: TimeRange,
  query: RequestsHistogramQuery,
  stepSeconds: number,
): Promise<{ at: Date; outcome: string; count: number }[]> {
  return client.$queryRaw`
    SELECT date_bin(make_interval(secs => ${stepSeconds}), started_at, ${range.from}) AS at, outcome, count(*)::integer AS count
    FROM request_log WHERE ${stretchOf(accountId, range)} ${filtersOf(query)} GROUP BY 1, 2 ORDER BY 1, 2`;
}

function stretchOf(accountId: string, range: TimeRange): Prisma.Sql {
  return Prisma.sql`account_id = ${accountId} AND started_at >= ${range.from} AND started_at < ${range.to}`;
}

function filtersOf(filters: Filters): Prisma.Sql {
  const conditions = Object.entries(givenFilters(filters)).map(([name, value]) => equals(name, value));
  return conditions.length === 0 ? Prisma.empty : Prisma.join(conditions, ' ');
}

/** The filters that were given; of a query, nothing else. */
export function givenFilters(filters: Filters): Readonly<Record<string, string | number>> {
  const { key_id, model, endpoint, status, code, outcome, region, source_tag } = filters;
  const given = Object.entries({ key_id, model, endpoint, status, code, outcome, region, source_tag });
  return Object.fromEntries(given.filter((entry): entry is [string, string | number] => entry[1] !== undefined));
}

function equals(column: string, value: string | number | undefined): Prisma.Sql {
  return value === undefined ? Prisma.empty : Prisma.sql`AND ${Prisma.raw(column)} = ${value}`;
}
