import type { Database } from '@ecolink/database';
import {
  givenFilters,
  type PageQuery,
  placeAfter,
  preferFacets,
  readRows,
  readRowsAmong,
  type RequestPlace,
  type TimeRange,
} from './read-requests.store.js';
import type { RequestRow } from './request-log.store.js';

/** A filter that one row of some hundred matches fills its page among so many. */
const NEAR_ROWS = 20_000;
const HOUR_MS = 60 * 60 * 1_000;
const STRETCH_MAX_MS = 24 * HOUR_MS;
const STRETCH_MIN_MS = 60_000;
/** A stretch that took longer is followed by a shorter one. */
const SLOW_MS = 200;

export interface SearchLimits {
  /** When it is over no further stretch is begun; the page is short and says how far it went. */
  readonly patienceMs: number;
  /** Rows that are looked at one by one. Default 20,000. */
  readonly nearRows?: number;
}

export interface FoundRequests {
  readonly rows: readonly RequestRow[];
  /** Where the search ended for now, not having filled its page; undefined where it looked at everything. */
  readonly searchedTo?: Date | undefined;
}

/**
 * Reads a page of the log. Without filters rows are read in their order. With filters the nearest rows are looked at one by one,
 * and what lies beyond by stretches of time: a filter that few rows match, or none, costs no reading of the whole log.
 */
export async function searchRequests(
  database: Database,
  query: PageQuery,
  { patienceMs, nearRows = NEAR_ROWS }: SearchLimits,
): Promise<FoundRequests> {
  const { client } = database;
  if (Object.keys(givenFilters(query.filters)).length === 0) return { rows: await readRows(client, query) };
  const near = await readRowsAmong(client, query, nearRows);
  if (near.length >= query.limit) return { rows: near };
  const place = await placeAfter(client, query, nearRows);
  if (place === undefined) return { rows: near };
  const far = await searchStretches(database, { ...query, place, limit: query.limit - near.length }, place, patienceMs);
  return { ...far, rows: [...near, ...far.rows] };
}

async function searchStretches(
  database: Database,
  query: PageQuery,
  { startedAt }: RequestPlace,
  patienceMs: number,
): Promise<FoundRequests> {
  const endsAtMs = performance.now() + patienceMs;
  return database.transaction(async (transaction) => {
    await preferFacets(transaction);
    const rows: RequestRow[] = [];
    // Rows of the same millisecond may come on either side of the place.
    let [edgeMs, lengthMs] = [startedAt.getTime() + (query.isBackwards ? 0 : 1), HOUR_MS];
    for (let stretch = nextStretch(query, edgeMs, lengthMs); stretch !== undefined;) {
      const begunAtMs = performance.now();
      const limit = query.limit - rows.length;
      rows.push(...(await readRows(transaction, { ...query, range: stretch, limit })));
      if (rows.length >= query.limit) break;
      edgeMs = (query.isBackwards ? stretch.to : stretch.from).getTime();
      if (performance.now() > endsAtMs) return { rows, searchedTo: new Date(edgeMs) };
      const isSlow = performance.now() - begunAtMs > SLOW_MS;
      lengthMs = isSlow ? Math.max(STRETCH_MIN_MS, lengthMs / 4) : Math.min(STRETCH_MAX_MS, lengthMs * 2);
      stretch = nextStretch(query, edgeMs, lengthMs);
    }
    return { rows };
  });
}

/** What comes after the edge in the direction of the search; undefined at the end of the range. */
function nextStretch({ range, isBackwards }: PageQuery, edgeMs: number, lengthMs: number): TimeRange | undefined {
  const [firstMs, lastMs] = [range.from.getTime(), range.to.getTime()];
  const [from, to] = isBackwards ? [edgeMs, edgeMs + lengthMs] : [edgeMs - lengthMs, edgeMs];
  const stretch = { from: new Date(Math.max(from, firstMs)), to: new Date(Math.min(to, lastMs)) };
  return stretch.from < stretch.to ? stretch : undefined;
}
