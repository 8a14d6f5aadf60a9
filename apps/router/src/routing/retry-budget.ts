/** Retries earned by each call: one in ten. */
const EARNED_BY_CALL = 0.1;
/** What a quiet instance may always spend, and how fast it gets that back. */
const FLOOR = 10;
const FLOOR_EARNED_PER_SECOND = 1;
/** What a busy instance may save up. */
const SAVED_MAX = 100;
const MS_PER_SECOND = 1_000;

/**
 * How often one instance's calls may go on to another pod after a live pod answered with an error. Pods that fail under
 * load would otherwise get more load for it. Moving on from a pod that never saw the call costs nothing here.
 */
export class RetryBudget {
  private tokens = FLOOR;
  private earnedAtMs: number;

  /** `now` in milliseconds of a monotonic clock. */
  constructor(private readonly now: () => number) {
    this.earnedAtMs = now();
  }

  /** A call begins. */
  earn(): void {
    this.tokens = Math.min(SAVED_MAX, this.tokens + EARNED_BY_CALL);
  }

  /** @returns false when the answer has to do. */
  spend(): boolean {
    this.refillFloor();
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  private refillFloor(): void {
    const nowMs = this.now();
    const earned = ((nowMs - this.earnedAtMs) / MS_PER_SECOND) * FLOOR_EARNED_PER_SECOND;
    this.earnedAtMs = nowMs;
    if (this.tokens < FLOOR) this.tokens = Math.min(FLOOR, this.tokens + earned);
  }
}
