const KEY = 'ecolink-reloaded-at';
/** A second failure within this time is no upgrade: the page says so instead of reloading for ever. */
const AGAIN_MS = 60_000;

/** True for a script that is not there any more: the page is from before an upgrade. */
export function isChunkGone(error: unknown): error is Error {
  return error instanceof Error && /dynamically imported module|module script failed/i.test(error.message);
}

/**
 * Loads a page from before an upgrade anew, at the same address; false where that was done just now. It is asked for when the
 * missing part is to be shown: what a link loads ahead of its time ends nobody's form.
 */
export function reloadOnce(error: Error): boolean {
  const isRecent = Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) < AGAIN_MS;
  // The router reloads for its own parts, once for each, and keeps this key of it.
  if (isRecent || sessionStorage.getItem(`tanstack_router_reload:${error.message}`) !== null) return false;
  sessionStorage.setItem(KEY, String(Date.now()));
  window.location.reload();
  return true;
}
