import type { ListPage, ListQuery } from '@ecolink/contracts';

/** Where a page of a list begins and which way it is read: rows on one side of the cursor, nearest to it first, one more than are shown. */
export interface Page<Cursor> {
  /** A filter of what rows are sorted by; undefined without a cursor. */
  readonly edge: { readonly lt: Cursor } | { readonly gt: Cursor } | undefined;
  readonly order: 'asc' | 'desc';
  readonly take: number;
}

export function isBackwards(query: ListQuery): boolean {
  return query.after === undefined && query.before !== undefined;
}

/** The text of the cursor that was given, if any. */
export function cursorOf(query: ListQuery): string | undefined {
  return query.after ?? query.before;
}

/** Every list is newest first. `cursor`: what the cursor of the query stands for in the column that rows are sorted by. */
export function pageFrom<Cursor>(query: ListQuery, cursor: Cursor | undefined): Page<Cursor> {
  const backwards = isBackwards(query);
  const edge = cursor === undefined ? undefined : backwards ? { gt: cursor } : { lt: cursor };
  return { edge, order: backwards ? 'asc' : 'desc', take: query.limit + 1 };
}

interface PageById<Cursor> {
  readonly where: { id?: { lt: Cursor } | { gt: Cursor } };
  readonly orderBy: { id: 'asc' | 'desc' };
  readonly take: number;
}

/** The part of a Prisma query that reads one page of rows whose ids are in order of time. */
export function pageById(query: ListQuery): PageById<string>;
export function pageById<Cursor>(query: ListQuery, cursor: Cursor | undefined): PageById<Cursor>;
export function pageById(query: ListQuery, cursor: unknown = cursorOf(query)): PageById<unknown> {
  const { edge, order, take } = pageFrom(query, cursor);
  return { where: edge === undefined ? {} : { id: edge }, orderBy: { id: order }, take };
}

/** Rows as they were read, one more than the limit if there are more. `has_more` looks in the direction that was asked for. */
export function toListPage<Item extends { readonly id: string | number }>(
  rows: readonly Item[],
  query: ListQuery,
): ListPage<Item, Item['id']> {
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

/** A list that is always short and shown whole, in the order given. */
export function wholeList<Item>(data: readonly Item[], idOf: (item: Item) => string): ListPage<Item> {
  const [first] = data;
  const last = data.at(-1);
  return {
    object: 'list',
    data,
    first_id: first === undefined ? null : idOf(first),
    last_id: last === undefined ? null : idOf(last),
    has_more: false,
  };
}
