import type { Query, QueryClient } from '@tanstack/react-query';

/** A list of which older windows were opened: asking all of them again would be a request for each. Its rows do not change. */
function isLongList({ state }: Query): boolean {
  const { data } = state;
  if (typeof data !== 'object' || data === null || !('pages' in data)) return false;
  return Array.isArray(data.pages) && data.pages.length > 1;
}

/** Makes what is known under a key stale, or everything, and asks again for what is on the page. */
export async function refresh(queries: QueryClient, queryKey: readonly unknown[] = []): Promise<void> {
  await queries.invalidateQueries({ queryKey, predicate: (query) => !isLongList(query) });
}
