/**
 * Seconds × ready pods, added up since this process began. Monotonic time, so that a corrected clock bills nobody.
 * `now` in milliseconds.
 */
export class ReadyTime {
  #readyPods = 0;
  #totalMs = 0;
  #sinceMs: number;

  constructor(private readonly now: () => number) {
    this.#sinceMs = now();
  }

  setReadyPods(count: number): void {
    this.#totalMs = this.#elapsedMs();
    this.#sinceMs = this.now();
    this.#readyPods = count;
  }

  /** To the millisecond. */
  seconds(): number {
    return Math.round(this.#elapsedMs()) / 1_000;
  }

  #elapsedMs(): number {
    return this.#totalMs + this.#readyPods * (this.now() - this.#sinceMs);
  }
}
