interface Page<Item> {
  readonly data: readonly Item[];
  readonly last_id: string | null;
  readonly has_more: boolean;
}

/** The largest page that lists give. */
export const PAGE_LIMIT = 100;
const PAGES_MAX = 10;

/** Every item of a list that is known to be short, page after page; stops after 1,000 items. */
export async function allPages<Item>(fetchPage: (after: string | undefined) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  for (let count = 0; count < PAGES_MAX; count += 1) {
    const page = await fetchPage(after);
    items.push(...page.data);
    if (!page.has_more || page.last_id === null) break;
    after = page.last_id;
  }
  return items;
}
