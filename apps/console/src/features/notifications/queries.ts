import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, idempotencyKey, take } from '../../api/client.js';
import { Problem } from '../../api/problem.js';

const BELL_COUNT = 5;
const WINDOW = 50;
const WINDOWS_MAX = 40;

async function load(query: { readonly limit: number; readonly after?: string; readonly unread?: 'true' }) {
  return take(api.GET('/api/v1/notifications', { params: { query } }));
}

export type Notification = Awaited<ReturnType<typeof load>>['data'][number];

const bell = {
  queryKey: ['notifications', 'newest'] as const,
  queryFn: () => load({ limit: BELL_COUNT }),
  retry: (failures: number, error: Error) => failures < 1 && !(error instanceof Problem && error.status === 404),
};

/** The newest notifications, read and unread. */
export const notificationsQuery = queryOptions({ ...bell, select: ({ data }) => data });

/** How many are unread, also those that the bell does not show. */
export const unreadCountQuery = queryOptions({ ...bell, select: ({ unread_count }) => unread_count });

/** Windows of all notifications, newest first. */
export const allMessagesQuery = (unreadOnly: boolean) =>
  infiniteQueryOptions({
    queryKey: ['notifications', 'all', unreadOnly],
    queryFn: ({ pageParam }) =>
      load({
        limit: WINDOW,
        ...(pageParam === undefined ? {} : { after: pageParam }),
        ...(unreadOnly ? { unread: 'true' as const } : {}),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last, pages) => (last.has_more && pages.length < WINDOWS_MAX ? (last.last_id ?? undefined) : undefined),
  });

export async function markAllRead(): Promise<void> {
  const headers = { 'idempotency-key': idempotencyKey() };
  await take(api.POST('/api/v1/notifications/read', { body: { all: true }, headers }));
}

/** Marks one as read; does nothing where it is already. */
export async function markRead({ id, read_at }: Pick<Notification, 'id' | 'read_at'>): Promise<void> {
  if (read_at !== null) return;
  await take(api.POST('/api/v1/notifications/read', { body: { ids: [id] }, headers: { 'idempotency-key': idempotencyKey() } }));
}
