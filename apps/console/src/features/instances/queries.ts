import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';

const PAGE_LIMIT = 100;
/** An account has at most 50 live instances by its plan; older ones beyond this many are reached by search. */
const PAGES_MAX = 5;

export type Instance = Awaited<ReturnType<typeof loadPage>>['data'][number];

async function loadPage(after: number | undefined) {
  const query = after === undefined ? { limit: PAGE_LIMIT } : { limit: PAGE_LIMIT, after: String(after) };
  return take(api.GET('/api/v1/instances', { params: { query } }));
}

async function loadAll(): Promise<Instance[]> {
  const all: Instance[] = [];
  let after: number | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { data, has_more, last_id } = await loadPage(after);
    all.push(...data);
    if (!has_more || last_id === null) break;
    after = last_id;
  }
  return all;
}

/** All instances of the account, newest first. One list for every page that shows one. */
export const instancesQuery = queryOptions({ queryKey: ['instances', 'list'], queryFn: loadAll });

export const instanceQuery = (id: number) =>
  queryOptions({
    queryKey: ['instances', 'one', id],
    queryFn: async () => take(api.GET('/api/v1/instances/{id}', { params: { path: { id: String(id) } } })),
  });
