import type { SharedTotals } from '@ecolink/shared-state';
import { FairShare } from './fair-share.js';
import { HighWaterMark } from '../observe/high-water-mark.js';

/** How a call stands against a limit; also what the rate-limit headers say. */
export interface LimitDecision {
  readonly admitted: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until a slot is surely free (refused) or the window is empty again (admitted). */
  readonly resetSeconds: number;
}

const BUCKET_MS = 2_000;
const BUCKETS = 30;
const WINDOW_MS = BUCKETS * BUCKET_MS;
/** A clock that goes back further was wrong before. */
const CLOCK_BACK_BUCKETS_MAX = 2;

interface Window {
  /** Number of the newest bucket, counted from the epoch. */
  bucket: number;
  /** This router's admissions by bucket number modulo the length: the last minute and the bucket that leaves it now. */
  readonly counts: number[];
  /** The sum of `counts`. */
  own: number;
  /** The same of the other routers, as of this bucket and this state of what they said. */
  others: number;
  othersBucket: number;
  othersVersion: number;
  /** What this router may still admit. */
  readonly share: FairShare;
}

/**
 * Requests per minute by a sliding window of thirty 2 s buckets and the one that is leaving, which counts in full until it
 * has left: no minute ever sees more than the limit, and a slot is free again after 62 s at the latest. The counts of other
 * routers are part of it; until they have heard of each other again each router admits its share of what remains, and at
 * least one. While the others cannot be heard it keeps to its share of the limit, and to what they left when they last were.
 */
export class SlidingWindowLimiter {
  private readonly windows = new Map<string, Window>();
  private sweptAtMs = 0;

  constructor(
    private readonly shared: SharedTotals,
    private readonly now: () => number = () => shared.nowMs(),
    /** How far all routers together were seen past a limit, in requests. */
    readonly overshoot = new HighWaterMark(),
    /** What is counted. */
    private readonly unit: 'requests' | 'tokens' = 'requests',
  ) {}

  /** Takes one slot of the subject's limit if there is one. */
  take(subject: string, limit: number): LimitDecision {
    const window = this.currentWindow(subject);
    const used = window.own + this.othersOf(subject, window);
    // While others cannot be heard nothing is acknowledged: each goes by its share of the limit instead.
    if (!this.shared.hearsOthers()) window.share.invalidate();
    window.share.recompute(BigInt(limit - used));
    this.overshoot.note(used - limit);
    if (used + 1 > limit || window.share.left < 1n || this.isPastShare(window, limit)) {
      return { admitted: false, limit, remaining: 0, resetSeconds: this.secondsUntilSlot(subject, window, used + 1 - limit) };
    }
    window.share.take(1n);
    this.count(subject, window, 1);
    return { admitted: true, limit, remaining: Math.max(0, limit - used - 1), resetSeconds: WINDOW_MS / 1000 };
  }

  /** Counts what was used without asking: from now on it is part of the window. */
  add(subject: string, amount: number): void {
    if (amount > 0) this.count(subject, this.currentWindow(subject), amount);
  }

  /** What all routers have counted in the window. */
  usedBy(subject: string): number {
    const window = this.currentWindow(subject);
    return window.own + this.othersOf(subject, window);
  }

  /** The same of this router alone. */
  usedHereBy(subject: string): number {
    return this.currentWindow(subject).own;
  }

  /** Seconds until the subject is surely below the limit; a window where it is that now. */
  secondsUntilFree(subject: string, limit: number): number {
    const used = this.usedBy(subject);
    return used < limit ? WINDOW_MS / 1000 : this.secondsUntilSlot(subject, this.currentWindow(subject), used + 1 - limit);
  }

  private currentWindow(subject: string): Window {
    const nowMs = this.now();
    this.sweep(nowMs);
    return this.windowOf(subject, Math.floor(nowMs / BUCKET_MS));
  }

  private count(subject: string, window: Window, amount: number): void {
    const place = window.bucket % window.counts.length;
    const counted = (window.counts[place] ?? 0) + amount;
    window.counts[place] = counted;
    window.own += amount;
    this.shared.set(this.totalKey(subject, window.bucket), BigInt(counted));
  }

  /** While others cannot be heard, each is taken to use its share of the limit. */
  private isPastShare(window: Window, limit: number): boolean {
    if (this.shared.hearsOthers()) return false;
    return window.own + 1 > Math.max(1, Math.floor(limit / this.shared.live()));
  }

  /** Other routers' admissions, summed up anew only where they have said something since. */
  private othersOf(subject: string, window: Window): number {
    const { shared } = this;
    if (shared.live() === 1) return 0;
    const version = shared.version();
    if (window.othersVersion !== version || window.othersBucket !== window.bucket) {
      window.others = 0;
      for (let bucket = window.bucket - BUCKETS; bucket <= window.bucket; bucket += 1)
        window.others += this.othersIn(subject, bucket);
      window.othersVersion = version;
      window.othersBucket = window.bucket;
    }
    return window.others;
  }

  private othersIn(subject: string, bucket: number): number {
    return Number(this.shared.others(this.totalKey(subject, bucket)));
  }

  /** When enough of the oldest buckets have left the window to make room for `wanted` more. */
  private secondsUntilSlot(subject: string, window: Window, wanted: number): number {
    const isAlone = this.shared.live() === 1;
    const sinceBucketMs = this.now() % BUCKET_MS;
    let missing = Math.max(1, wanted);
    for (let steps = 0; steps <= BUCKETS; steps += 1) {
      const bucket = window.bucket - BUCKETS + steps;
      missing -= (window.counts[bucket % window.counts.length] ?? 0) + (isAlone ? 0 : this.othersIn(subject, bucket));
      if (missing <= 0) return Math.max(1, Math.ceil(((steps + 1) * BUCKET_MS - sinceBucketMs) / 1000));
    }
    return WINDOW_MS / 1000;
  }

  private windowOf(subject: string, bucket: number): Window {
    let window = this.windows.get(subject);
    if (window === undefined) {
      const nothing = { own: 0, others: 0, othersBucket: -1, othersVersion: -1, share: new FairShare(this.shared, 1n) };
      window = { bucket, counts: new Array<number>(BUCKETS + 1).fill(0), ...nothing };
      this.windows.set(subject, window);
    }
    if (bucket < window.bucket - CLOCK_BACK_BUCKETS_MAX) this.moveBack(subject, window, bucket);
    // A clock that goes back a little stays in the newest bucket.
    for (let steps = 0; window.bucket < bucket && steps <= BUCKETS; steps += 1) this.advance(subject, window);
    window.bucket = Math.max(window.bucket, bucket);
    return window;
  }

  /** The clock was put right: what was admitted so long ago by the old one was admitted as long ago by the new one. */
  private moveBack(subject: string, window: Window, bucket: number): void {
    const byAge = Array.from({ length: window.counts.length }, (_, age) => window.counts[placeOf(window, age)] ?? 0);
    for (let age = 0; age < byAge.length; age += 1) this.shared.set(this.totalKey(subject, window.bucket - age), 0n);
    window.bucket = bucket;
    byAge.forEach((count, age) => {
      window.counts[placeOf(window, age)] = count;
      if (count > 0) this.shared.set(this.totalKey(subject, bucket - age), BigInt(count));
    });
  }

  /** One bucket on: the place of the one that has left becomes the new one's. */
  private advance(subject: string, window: Window): void {
    window.bucket += 1;
    const place = window.bucket % window.counts.length;
    window.own -= window.counts[place] ?? 0;
    if (window.counts[place] !== 0) this.shared.set(this.totalKey(subject, window.bucket - window.counts.length), 0n);
    window.counts[place] = 0;
  }

  private totalKey(subject: string, bucket: number): string {
    return `${this.unit}:${bucket}:${subject}`;
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

/** Where the count of the bucket stands that is so much older than the newest one. */
function placeOf(window: Window, age: number): number {
  const { length } = window.counts;
  return (((window.bucket - age) % length) + length) % length;
}
