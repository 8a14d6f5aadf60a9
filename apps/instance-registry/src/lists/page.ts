import { ApiError, type ListPage, type ListQuery } from '@ecolink/contracts';

/** What a store is asked for: rows on one side of the cursor, nearest to it first, one more than are shown. */
export interface PageRequest {
  readonly direction: 'older' | 'newer';
  readonly cursor: string | undefined;
  readonly take: number;
}

export function pageRequest(query: ListQuery): PageRequest {
  if (query.after !== undefined && query.before !== undefined) {
    throw new ApiError('invalid_request', 'after and before cannot be given together', { param: 'before' });
  }
  const direction = query.before === undefined ? 'older' : 'newer';
  return { direction, cursor: query.before ?? query.after, take: query.limit + 1 };
}

/** The page, newest first whichever way it was read. `has_more` looks in the direction that was asked for. */
export function pageOf<Row, Item extends { readonly id: string | number }>(
  rows: readonly Row[],
  request: PageRequest,
  show: (row: Row) => Item,
): ListPage<Item, Item['id']> {
  const limit = request.take - 1;
  const shown = rows.slice(0, limit).map(show);
  const data = request.direction === 'older' ? shown : shown.reverse();
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: rows.length > limit };
}
