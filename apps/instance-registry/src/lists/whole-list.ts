import type { ListPage } from '@ecolink/contracts';

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
