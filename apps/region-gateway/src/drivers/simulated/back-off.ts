const FIRST_MS = 250;
const MAX_MS = 30_000;
/** What ran this long had started well: its end begins a new series. */
const STABLE_MS = 10_000;
/** After so many ends in a row it is shown as failed; it is still tried again. */
const FAILURES_TO_BE_FAILING = 5;

/** How long to wait before something that ended is started again: 250 ms, twice as long after each end in a row, 30 s at the most. */
export class BackOff {
  #failures = 0;

  /** Counts an end after `livedMs` and returns the milliseconds to wait. */
  next(livedMs: number): number {
    this.#failures = livedMs >= STABLE_MS ? 1 : this.#failures + 1;
    return Math.min(MAX_MS, FIRST_MS * 2 ** (this.#failures - 1));
  }

  get isFailing(): boolean {
    return this.#failures >= FAILURES_TO_BE_FAILING;
  }
}
