import { queryOptions } from '@tanstack/react-query';
import { allPages, PAGE_LIMIT } from '../../api/all-pages.js';
import { api, take } from '../../api/client.js';

/** The account's keys, newest first, revoked and expired ones too. */
export const keysQuery = queryOptions({
  queryKey: ['keys', 'list'],
  queryFn: async () =>
    allPages(async (after) =>
      take(
        api.GET('/api/v1/api-keys', {
          params: { query: after === undefined ? { limit: PAGE_LIMIT } : { limit: PAGE_LIMIT, after } },
        }),
      ),
    ),
});

export type ApiKey = Awaited<ReturnType<NonNullable<typeof keysQuery.queryFn>>>[number];
/** With the key itself, which no other answer holds. */
export type CreatedKey = ApiKey & { readonly key: string };
