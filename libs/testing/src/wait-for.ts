import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  /** Said when the time is over. */
  readonly what?: string;
}

/** Polls until `probe` gives something that is not undefined or false; rejects after the deadline. For real processes only. */
export async function waitFor<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    const result = await probe();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`waited ${options.timeoutMs} ms in vain for ${options.what ?? 'a condition'}`);
    await delay(options.intervalMs ?? 20);
  }
}
