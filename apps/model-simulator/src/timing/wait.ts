import { setImmediate as immediate, setTimeout as timeout } from 'node:timers/promises';

/** Resolves after `ms`, or as soon as the signal aborts; never rejects, so callers look at the signal afterwards. */
export async function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  await timeout(ms, undefined, { signal }).catch(() => undefined);
}

/** Lets pending I/O run: writes leave the process as separate packets and a closed connection is noticed. */
export async function yieldToIo(): Promise<void> {
  await immediate();
}

/** Resolves when the signal aborts: how the simulator hangs without outliving its client. */
export async function waitForAbort(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
