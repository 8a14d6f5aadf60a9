import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import { text } from '../../text/index.js';

const LIMIT = 100;
/** Of the keys that live for a quarter of an hour in a person's playground. */
const PLAYGROUND_TAG = 'playground';

const keyNamesQuery = queryOptions({
  queryKey: ['keys', 'names'],
  queryFn: async () => (await take(api.GET('/api/v1/api-keys', { params: { query: { limit: LIMIT } } }))).data,
});

export type NamedKey = Awaited<ReturnType<NonNullable<typeof keyNamesQuery.queryFn>>>[number];

/** The newest keys, also those that serve no more: their calls are still listed. */
export function useKeys(): readonly NamedKey[] {
  return useQuery(keyNamesQuery).data ?? [];
}

/** What a key is called; its id where it is not among the newest. */
export function useKeyName(): (id: string, sourceTag?: string | null) => string {
  const keys = useKeys();
  return (id, sourceTag) =>
    keys.find((key) => key.id === id)?.name ?? (sourceTag === PLAYGROUND_TAG ? text.shell.pages.playground : id);
}
