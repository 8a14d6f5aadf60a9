import { useInfiniteQuery } from '@tanstack/react-query';
import { toProblem } from '../../api/problem.js';
import type { AdminList } from './admin-table.js';

const PAGE_ROWS = 50;
const PAGES_MAX = 20;

interface Page<Row> {
  readonly data: readonly Row[];
  readonly last_id: string | number | null;
  readonly has_more: boolean;
}

/**
 * A list of the admin API, page by page, up to 1,000 rows: what lies beyond is found by a filter. It is not asked again by
 * itself, since each call of an operator is a line of the audit log.
 */
export function useAdminList<Row>(
  key: readonly unknown[],
  load: (page: { readonly limit: number; readonly after?: string }) => Promise<Page<Row>>,
): AdminList<Row> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => load({ limit: PAGE_ROWS, ...(pageParam === '' ? {} : { after: pageParam }) }),
    initialPageParam: '',
    getNextPageParam: (page, pages) =>
      page.has_more && page.last_id !== null && pages.length < PAGES_MAX ? String(page.last_id) : undefined,
    refetchOnWindowFocus: false,
  });
  const last = query.data?.pages.at(-1);
  return {
    rows: query.data?.pages.flatMap((page) => page.data),
    problem: query.error === null ? undefined : toProblem(query.error),
    loadMore: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    isLoadingMore: query.isFetchingNextPage,
    isCut: last?.has_more === true && !query.hasNextPage,
    reload: () => void query.refetch(),
  };
}
