import { z } from 'zod';
import { resourceId } from './plain-text.js';

export const LIST_LIMIT_DEFAULT = 20;
export const LIST_LIMIT_MAX = 100;

/** `limit` of a list, from the query. */
export const listLimit = queryLimit(LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX);

/** A number in a query is text; the published schema says what it stands for. */
export function queryLimit(fallback: number, max: number) {
  const integer = z
    .string()
    .regex(/^[0-9]{1,9}$/, 'must be an integer')
    .transform(Number);
  return integer
    .pipe(z.int().min(1).max(max))
    .default(fallback)
    .meta({ type: 'integer', minimum: 1, maximum: max, pattern: undefined });
}

/** Fields of every list's query. Newest first; `after` goes on to older items, `before` back to newer ones. */
export const listQueryFields = {
  limit: listLimit,
  after: resourceId.optional(),
  before: resourceId.optional(),
};

/** A list's query with fields of its own: at most one cursor. */
export function listQueryWith<Fields extends z.ZodRawShape>(fields: Fields) {
  return z.strictObject({ ...listQueryFields, ...fields }).refine(hasOneCursor, {
    path: ['before'],
    message: 'after and before cannot be given together',
  });
}

function hasOneCursor(query: { readonly after?: unknown; readonly before?: unknown }): boolean {
  return query.after === undefined || query.before === undefined;
}

export const listQuery = listQueryWith({});
export type ListQuery = z.infer<typeof listQuery>;

/** A page of a list. `first_id` and `last_id` are what `before` and `after` take. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return pageOfIds(item, z.string());
}

/** A page of instances, the only things whose ids are integers. */
export function listByNumber<Item extends z.ZodType>(item: Item) {
  return pageOfIds(item, z.int());
}

function pageOfIds<Item extends z.ZodType, Id extends z.ZodType>(item: Item, id: Id) {
  return z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: id.nullable(),
    last_id: id.nullable(),
    has_more: z.boolean(),
  });
}

export interface ListPage<Item, Id extends string | number = string> {
  readonly object: 'list';
  readonly data: readonly Item[];
  readonly first_id: Id | null;
  readonly last_id: Id | null;
  readonly has_more: boolean;
}
