import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { allPages, PAGE_LIMIT } from '../../api/all-pages.js';
import { api, take } from '../../api/client.js';

const AUDIT_PAGE = 50;
const DELIVERIES_SHOWN = 50;

export const channelsQuery = queryOptions({
  queryKey: ['channels', 'list'],
  queryFn: async () =>
    allPages(async (after) =>
      take(
        api.GET('/api/v1/alert-channels', {
          params: { query: after === undefined ? { limit: PAGE_LIMIT } : { limit: PAGE_LIMIT, after } },
        }),
      ),
    ),
});

export type Channel = Awaited<ReturnType<NonNullable<typeof channelsQuery.queryFn>>>[number];

/** Where a channel sends to: its address or URL. */
export function whereOf(channel: Channel): string {
  return channel.address ?? channel.url ?? channel.id;
}

/** The newest deliveries of a channel. */
export const deliveriesQuery = (id: string) =>
  queryOptions({
    queryKey: ['channels', 'deliveries', id],
    queryFn: async () =>
      (
        await take(
          api.GET('/api/v1/alert-channels/{id}/deliveries', {
            params: { path: { id }, query: { limit: DELIVERIES_SHOWN } },
          }),
        )
      ).data,
  });

/** The account's audit log, newest first, a page at a time. */
export const auditQuery = infiniteQueryOptions({
  queryKey: ['audit', 'list'],
  initialPageParam: '',
  queryFn: async ({ pageParam }) =>
    take(
      api.GET('/api/v1/audit-log', {
        params: { query: pageParam === '' ? { limit: AUDIT_PAGE } : { limit: AUDIT_PAGE, after: pageParam } },
      }),
    ),
  getNextPageParam: (page) => (page.has_more ? page.last_id : null),
});
