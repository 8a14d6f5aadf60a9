import type { SharedTotals } from '@ecolink/shared-state';
import { Highest } from '../observe/highest.js';

/** How a request stands against its limit; also what the rate-limit headers say. */
export interface LimitDecision {
  readonly admitted: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until a slot is surely free (refused) or the window is empty again (admitted). */
  readonly resetSeconds: number;
}

const BUCKET_MS = 5_000;
const BUCKETS = 12;
const WINDOW_MS = BUCKETS * BUCKET_MS;

interface Window {
  /** Number of the newest bucket, counted from the epoch. */
  bucket: number;
  /** This router's admissions by bucket number modulo the length: the last minute and the bucket that leaves it now. */
  readonly counts: number[];
  /** The synchronisation that `allowance` was dealt at. */
  sequence: number;
  /** What this router may still admit before the next synchronisation. */
  allowance: number;
}

/**
 * Requests per minute by a sliding window of twelve 5 s buckets: the whole ones count in full, the one that is leaving by
 * the part of it that still lies within the minute. The counts of other routers are part of it; between two
 * synchronisations each router admits its share of what remains, and at least one. While the others cannot be heard it
 * keeps to its share of the limit, and to what they left when they last were.
 */
export class SlidingWindowLimiter {
  private readonly windows = new Map<string, Window>();
  private sweptAtMs = 0;

  constructor(
    private readonly shared: SharedTotals,
    private readonly now: () => number = Date.now,
    /** How far all routers together were seen past a limit, in requests. */
    readonly overshoot = new Highest(),
  ) {}

  /** Takes one slot of the subject's limit if there is one. */
  take(subject: string, limit: number): LimitDecision {
    const nowMs = this.now();
    this.sweep(nowMs);
    const window = this.windowOf(subject, Math.floor(nowMs / BUCKET_MS));
    const counts = this.countsOf(subject, window);
    const used = usedOf(counts, nowMs);
    this.deal(window, limit - used);
    this.overshoot.note(Math.ceil(used - limit));
    if (used + 1 > limit || window.allowance < 1 || this.isPastShare(window, limit)) {
      return { admitted: false, limit, remaining: 0, resetSeconds: secondsUntilSlot(counts, limit, nowMs) };
    }
    const place = window.bucket % window.counts.length;
    window.counts[place] = (window.counts[place] ?? 0) + 1;
    window.allowance -= 1;
    this.shared.set(totalKey(subject, window.bucket), BigInt(window.counts[place] ?? 0));
    return { admitted: true, limit, remaining: Math.max(0, Math.floor(limit - used - 1)), resetSeconds: WINDOW_MS / 1000 };
  }

  /** While others cannot be heard, each is taken to use its share of the limit. */
  private isPastShare(window: Window, limit: number): boolean {
    if (this.shared.hearsOthers()) return false;
    const own = window.counts.reduce((sum, count) => sum + count, 0);
    return own + 1 > Math.max(1, Math.floor(limit / this.shared.live()));
  }

  /** All routers' admissions, oldest bucket first. */
  private countsOf(subject: string, window: Window): number[] {
    const isAlone = this.shared.live() === 1;
    const counts: number[] = [];
    for (let bucket = window.bucket - BUCKETS; bucket <= window.bucket; bucket += 1) {
      const own = window.counts[bucket % window.counts.length] ?? 0;
      counts.push(isAlone ? own : own + Number(this.shared.others(totalKey(subject, bucket))));
    }
    return counts;
  }

  /** After each synchronisation what remains is dealt anew among the routers that live. */
  private deal(window: Window, remaining: number): void {
    const sequence = this.shared.sequence();
    if (this.shared.live() === 1 || !this.shared.hearsOthers()) window.allowance = Math.max(0, remaining);
    else if (window.sequence !== sequence)
      window.allowance = remaining < 1 ? 0 : Math.max(1, Math.floor(remaining / this.shared.live()));
    window.sequence = sequence;
  }

  private windowOf(subject: string, bucket: number): Window {
    let window = this.windows.get(subject);
    if (window === undefined) {
      window = { bucket, counts: new Array<number>(BUCKETS + 1).fill(0), sequence: -1, allowance: 0 };
      this.windows.set(subject, window);
    }
    // A clock that goes back stays in the newest bucket.
    for (let steps = 0; window.bucket < bucket && steps <= BUCKETS; steps += 1) this.advance(subject, window);
    window.bucket = Math.max(window.bucket, bucket);
    return window;
  }

  /** One bucket on: the place of the one that has left becomes the new one's. */
  private advance(subject: string, window: Window): void {
    window.bucket += 1;
    const place = window.bucket % window.counts.length;
    if (window.counts[place] !== 0) this.shared.set(totalKey(subject, window.bucket - window.counts.length), 0n);
    window.counts[place] = 0;
  }

  /** Forgets subjects that have been silent for two windows; at most once a window. */
  private sweep(nowMs: number): void {
    if (nowMs - this.sweptAtMs < WINDOW_MS) return;
    this.sweptAtMs = nowMs;
    const bucket = Math.floor(nowMs / BUCKET_MS);
    for (const [subject, window] of this.windows) {
      if (bucket - window.bucket <= 2 * BUCKETS) continue;
      for (let steps = 0; steps <= BUCKETS; steps += 1) this.advance(subject, window);
      this.windows.delete(subject);
    }
  }
}

/** The whole buckets, and of the one that leaves the part that still lies within the minute. */
function usedOf(counts: readonly number[], nowMs: number): number {
  let whole = 0;
  for (let index = 1; index < counts.length; index += 1) whole += counts[index] ?? 0;
  return whole + (counts[0] ?? 0) * (1 - (nowMs % BUCKET_MS) / BUCKET_MS);
}

function totalKey(subject: string, bucket: number): string {
  return `requests:${bucket}:${subject}`;
}

/** When enough of the oldest buckets have left the window to make room for one more. */
function secondsUntilSlot(counts: readonly number[], limit: number, nowMs: number): number {
  let surplus = counts.reduce((sum, count) => sum + count, 0) + 1 - limit;
  const sinceBucketMs = nowMs % BUCKET_MS;
  for (const [index, count] of counts.entries()) {
    surplus -= count;
    if (surplus <= 0) return Math.max(1, Math.ceil(((index + 1) * BUCKET_MS - sinceBucketMs) / 1000));
  }
  return WINDOW_MS / 1000;
}
