export interface WindowLimit {
  /** So many within the window are allowed. */
  readonly limit: number;
  readonly windowMs: number;
  /** Keys that are remembered; beyond, the one counted longest ago is forgotten. */
  readonly keysMax: number;
}

interface Counted {
  windowStartMs: number;
  previous: number;
  current: number;
}

/**
 * Counts things per key over a sliding window: the running window in full, and of the one before it the part that the
 * sliding window still covers. In this process and in bounded memory.
 */
export class WindowCounter {
  private readonly counted = new Map<string, Counted>();

  constructor(private readonly options: WindowLimit) {}

  add(key: string, nowMs: number): void {
    const counted = this.at(key, nowMs);
    counted.current += 1;
    this.counted.delete(key);
    this.counted.set(key, counted);
    if (this.counted.size <= this.options.keysMax) return;
    const [oldest] = this.counted.keys();
    if (oldest !== undefined) this.counted.delete(oldest);
  }

  /** Undefined while one more is allowed, else the seconds after which it will be. */
  secondsToWait(key: string, nowMs: number): number | undefined {
    if (this.count(key, nowMs) < this.options.limit) return undefined;
    const { windowStartMs } = this.at(key, nowMs);
    return Math.max(1, Math.ceil((windowStartMs + this.options.windowMs - nowMs) / 1_000));
  }

  /** How many were counted within the last window. */
  count(key: string, nowMs: number): number {
    const { windowStartMs, previous, current } = this.at(key, nowMs);
    const covered = 1 - (nowMs - windowStartMs) / this.options.windowMs;
    return current + Math.ceil(previous * Math.max(0, covered));
  }

  /** Takes one back that turned out not to count. */
  takeBack(key: string, nowMs: number): void {
    const counted = this.at(key, nowMs);
    if (counted.current > 0) counted.current -= 1;
    else if (counted.previous > 0) counted.previous -= 1;
    if (this.counted.has(key)) this.counted.set(key, counted);
  }

  forget(key: string): void {
    this.counted.delete(key);
  }

  private at(key: string, nowMs: number): Counted {
    const { windowMs } = this.options;
    const windowStartMs = Math.floor(nowMs / windowMs) * windowMs;
    const counted = this.counted.get(key);
    if (counted === undefined || windowStartMs - counted.windowStartMs > windowMs) {
      return { windowStartMs, previous: 0, current: 0 };
    }
    if (counted.windowStartMs === windowStartMs) return counted;
    return { windowStartMs, previous: counted.current, current: 0 };
  }
}
