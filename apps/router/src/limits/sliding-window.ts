import type { SharedTotals } from '@ecolink/shared-state';

/** How a request stands against its limit; also what the rate-limit headers say. */
export interface LimitDecision {
  readonly admitted: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until a slot is surely free (refused) or the window is empty again (admitted). */
  readonly resetSeconds: number;
}

const WINDOW_MS = 60_000;

interface Window {
  startMs: number;
  count: number;
  previousCount: number;
  /** The synchronisation that `allowance` was dealt at. */
  sequence: number;
  /** What this router may still admit before the next synchronisation. */
  allowance: number;
}

/**
 * Requests per minute by a sliding window: what was admitted in this minute, plus the part of the last minute that still
 * lies within 60 s, taken as evenly spread. The counts of other routers are part of it; between two synchronisations each
 * router admits its share of what remains, and at least one.
 */
export class SlidingWindowLimiter {
  private readonly windows = new Map<string, Window>();
  private sweptAtMs = 0;

  constructor(
    private readonly shared: SharedTotals,
    private readonly now: () => number = Date.now,
  ) {}

  /** Takes one slot of the subject's limit if there is one. */
  take(subject: string, limit: number): LimitDecision {
    const nowMs = this.now();
    this.sweep(nowMs);
    const window = this.windowOf(subject, nowMs);
    const previous = window.previousCount + this.heard(subject, window.startMs - WINDOW_MS);
    const current = window.count + this.heard(subject, window.startMs);
    const used = current + (previous * (window.startMs + WINDOW_MS - nowMs)) / WINDOW_MS;
    this.deal(window, limit - used);
    if (used + 1 > limit || window.allowance < 1) {
      return {
        admitted: false,
        limit,
        remaining: 0,
        resetSeconds: secondsUntilSlot({ ...window, count: current, previousCount: previous }, limit, nowMs),
      };
    }
    window.count += 1;
    window.allowance -= 1;
    this.shared.set(totalKey(subject, window.startMs), BigInt(window.count));
    const resetSeconds = Math.ceil((window.startMs + WINDOW_MS - nowMs) / 1000);
    return { admitted: true, limit, remaining: Math.max(0, Math.floor(limit - used - 1)), resetSeconds };
  }

  private heard(subject: string, startMs: number): number {
    return this.shared.live() === 1 ? 0 : Number(this.shared.others(totalKey(subject, startMs)));
  }

  /** After each synchronisation what remains is dealt anew among the routers that live. */
  private deal(window: Window, remaining: number): void {
    const sequence = this.shared.sequence();
    if (this.shared.live() === 1) window.allowance = Math.max(0, remaining);
    else if (window.sequence !== sequence)
      window.allowance = remaining < 1 ? 0 : Math.max(1, Math.floor(remaining / this.shared.live()));
    window.sequence = sequence;
  }

  private windowOf(subject: string, nowMs: number): Window {
    const startMs = nowMs - (nowMs % WINDOW_MS);
    let window = this.windows.get(subject);
    if (window === undefined) {
      window = { startMs, count: 0, previousCount: 0, sequence: -1, allowance: 0 };
      this.windows.set(subject, window);
    }
    if (window.startMs !== startMs) {
      // The window before last counts no more.
      this.shared.set(totalKey(subject, window.startMs - WINDOW_MS), 0n);
      if (window.startMs !== startMs - WINDOW_MS) this.shared.set(totalKey(subject, window.startMs), 0n);
      window.previousCount = window.startMs === startMs - WINDOW_MS ? window.count : 0;
      window.count = 0;
      window.startMs = startMs;
      window.sequence = -1;
    }
    return window;
  }

  /** Forgets subjects that have been silent for two windows; at most once a window. */
  private sweep(nowMs: number): void {
    if (nowMs - this.sweptAtMs < WINDOW_MS) return;
    this.sweptAtMs = nowMs;
    for (const [subject, window] of this.windows) {
      if (nowMs - window.startMs <= 2 * WINDOW_MS) continue;
      this.shared.set(totalKey(subject, window.startMs), 0n);
      this.shared.set(totalKey(subject, window.startMs - WINDOW_MS), 0n);
      this.windows.delete(subject);
    }
  }
}

function totalKey(subject: string, windowStartMs: number): string {
  return `requests:${windowStartMs / WINDOW_MS}:${subject}`;
}

/** When the decaying share of the last minute, or this minute's own count, has made room for one more. */
function secondsUntilSlot(window: Window, limit: number, nowMs: number): number {
  const remainingMs = window.startMs + WINDOW_MS - nowMs;
  const room = limit - 1 - window.count;
  if (room >= 0 && window.previousCount > 0) {
    const waitMs = remainingMs - (room / window.previousCount) * WINDOW_MS;
    return Math.max(1, Math.ceil(waitMs / 1000));
  }
  const afterTurnMs = window.count === 0 ? 0 : WINDOW_MS - (Math.max(0, limit - 1) / window.count) * WINDOW_MS;
  return Math.max(1, Math.ceil((remainingMs + Math.max(0, afterTurnMs)) / 1000));
}
