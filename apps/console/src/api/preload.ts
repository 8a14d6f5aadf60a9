/** Lets a page's query run while its code is being loaded. The page itself shows what goes wrong. */
export function preload(query: Promise<unknown>): void {
  query.catch(() => undefined);
}
