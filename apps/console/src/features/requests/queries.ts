import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import type { JsonOf } from '../../api/json-of.js';

export const OUTCOMES = ['completed', 'client_aborted', 'upstream_cut', 'upstream_error', 'failed', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export const RANGES = ['15m', '1h', '24h', '7d', '30d'] as const;
export type RequestRange = (typeof RANGES)[number];

const MINUTE_MS = 60_000;
const RANGE_MS: Readonly<Record<RequestRange, number>> = {
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '24h': 24 * 60 * MINUTE_MS,
  '7d': 7 * 24 * 60 * MINUTE_MS,
  '30d': 30 * 24 * 60 * MINUTE_MS,
};
const WINDOW = 100;
const WINDOWS_MAX = 1_000;
/** Of a search that finds nothing: about a minute. */
const PARTS_MAX = 60;
const LIVE_MS = 5_000;
const BUCKETS = 72;
/** Counting reads the range's part of the log: it is done again once the newest bar may have grown by a tenth. */
const COUNT_AGAIN_PER_BUCKET = 10;
const COUNT_AGAIN_MAX_MS = 5 * MINUTE_MS;
const countAgainMs = (range: RequestRange): number =>
  Math.min(COUNT_AGAIN_MAX_MS, Math.max(LIVE_MS, RANGE_MS[range] / BUCKETS / COUNT_AGAIN_PER_BUCKET));

export interface RequestFilter {
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly key?: string | undefined;
  readonly model?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly tag?: string | undefined;
}

/** The API's parameters; the range ends now. */
export function requestParams(filter: RequestFilter, range: RequestRange, now = Date.now()) {
  const { status, code, key, model, outcome, region, endpoint, tag } = filter;
  return {
    from: new Date(now - RANGE_MS[range]).toISOString(),
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(key === undefined ? {} : { key_id: key }),
    ...(model === undefined ? {} : { model }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(tag === undefined ? {} : { source_tag: tag }),
  };
}

type Requests = JsonOf<'/api/v1/requests'>;
export type RequestRow = Requests['data'][number];

/** A window of the log. The API searches a long log in parts: one that held nothing is followed by the next. */
async function load(filter: RequestFilter, range: RequestRange, after: string | undefined): Promise<Requests> {
  let cursor = after;
  for (let part = 1; ; part += 1) {
    const query = { limit: WINDOW, ...requestParams(filter, range), ...(cursor === undefined ? {} : { after: cursor }) };
    const page = (await take(api.GET('/api/v1/requests', { params: { query } }))) as Requests;
    if (page.data.length > 0 || page.searched_to === null || page.last_id === null || part === PARTS_MAX) return page;
    cursor = page.last_id;
  }
}

/** Windows of the log, newest first. While live the first window is asked again; never once older ones were opened. */
export const requestsQuery = (filter: RequestFilter, range: RequestRange, live: boolean) =>
  infiniteQueryOptions({
    queryKey: ['request-log', 'list', filter, range],
    queryFn: ({ pageParam }) => load(filter, range, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last, pages) => (last.has_more && pages.length < WINDOWS_MAX ? (last.last_id ?? undefined) : undefined),
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 1) === 1 ? LIVE_MS : false),
    refetchOnWindowFocus: ({ state }) => state.data?.pages.length === 1,
    refetchOnMount: ({ state }) => state.data?.pages.length === 1,
  });

export const histogramQuery = (filter: RequestFilter, range: RequestRange, live: boolean) =>
  queryOptions({
    queryKey: ['request-log', 'histogram', filter, range],
    queryFn: async () => {
      const now = Date.now();
      const query = { ...requestParams(filter, range, now), to: new Date(now).toISOString(), buckets: BUCKETS };
      return take(api.GET('/api/v1/requests/histogram', { params: { query } }));
    },
    refetchInterval: live ? countAgainMs(range) : false,
  });
export type Histogram = JsonOf<'/api/v1/requests/histogram'>;

/** One request, by the id in its answer's headers. */
export const requestQuery = (id: string) =>
  queryOptions({
    queryKey: ['request-log', 'one', id],
    queryFn: async () => take(api.GET('/api/v1/requests/{request_id}', { params: { path: { request_id: id } } })),
  });
