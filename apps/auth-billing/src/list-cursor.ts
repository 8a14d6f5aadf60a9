import type { ListPage, ListQuery } from '@ecolink/contracts';

interface PageById {
  readonly where: { id?: { lt?: string; gt?: string } };
  readonly orderBy: { id: 'asc' | 'desc' };
  readonly take: number;
}

/** The part of a Prisma query that reads one page, newest first, of rows with time-ordered ids, and one row more. */
export function pageById(query: ListQuery): PageById {
  const take = query.limit + 1;
  if (query.after !== undefined) return { where: { id: { lt: query.after } }, orderBy: { id: 'desc' }, take };
  if (query.before !== undefined) return { where: { id: { gt: query.before } }, orderBy: { id: 'asc' }, take };
  return { where: {}, orderBy: { id: 'desc' }, take };
}

export function isBackwards(query: ListQuery): boolean {
  return query.after === undefined && query.before !== undefined;
}

/** Rows in the order they were read (oldest first when going backwards), one more than the limit if there are more. */
export function toListPage<Item extends { readonly id: string }>(rows: readonly Item[], query: ListQuery): ListPage<Item> {
  const data = rows.slice(0, query.limit);
  if (isBackwards(query)) data.reverse();
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: rows.length > query.limit,
  };
}
