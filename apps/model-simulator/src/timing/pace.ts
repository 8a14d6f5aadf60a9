import { waitMs, yieldToIo } from './wait.js';

export interface PaceOptions {
  readonly ttftMs: number;
  /** 0 = as fast as possible. */
  readonly tokensPerSecond: number;
  readonly signal: AbortSignal;
}

const TOKENS_BETWEEN_YIELDS = 64;

/**
 * Starts the clock of one generation. The returned function resolves when token `index` (from 0) is due, or at once when aborted.
 * Each due time is counted from the start, so a late timer delays one token and not all that follow.
 */
export function startPace({ ttftMs, tokensPerSecond, signal }: PaceOptions): (index: number) => Promise<void> {
  const firstDueAt = performance.now() + ttftMs;
  const intervalMs = tokensPerSecond === 0 ? 0 : 1000 / tokensPerSecond;
  return async (index) => {
    const dueAt = firstDueAt + index * intervalMs;
    if (index % TOKENS_BETWEEN_YIELDS === TOKENS_BETWEEN_YIELDS - 1) await yieldToIo();
    // A timer may fire a fraction of a millisecond early, so it is checked against the clock.
    for (let leftMs = dueAt - performance.now(); leftMs > 0 && !signal.aborted; leftMs = dueAt - performance.now()) {
      await waitMs(Math.ceil(leftMs), signal);
    }
  };
}
