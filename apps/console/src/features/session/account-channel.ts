/** Tells the other tabs of this browser who is signed in, and to which account: one session serves them all. */
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('ecolink-account');

/** Someone signed in or out here, or chose another account. */
export function announceSession(): void {
  channel?.postMessage('session');
}

/** Calls the listener when another tab has done so; returns how to stop. */
export function onOtherTabsSession(listener: () => void): () => void {
  const handler = (): void => listener();
  channel?.addEventListener('message', handler);
  return () => channel?.removeEventListener('message', handler);
}
