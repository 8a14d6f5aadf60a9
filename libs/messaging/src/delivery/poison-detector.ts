const ATTEMPTS_MAX = 8;
const DOUBLINGS_MAX = 5;

/**
 * Decides when an event that fails by itself, again and again, is to blame rather than its surroundings.
 *
 * Failures while the database is away do not count. Eight others alone are enough while something else works: another event of the subscription was handled meanwhile, or
 * the database answers. The second proof is the weaker one (a handler may need more than the database), so each event
 * given up on it alone doubles what the next one takes, up to 256, until the handler handles anything again: an outage
 * that looks like poison costs a few dead letters, never the stream.
 */
export class PoisonDetector {
  private handled = 0;
  private givenUpOnWeakProof = 0;

  noteHandled(): void {
    this.handled += 1;
    this.givenUpOnWeakProof = 0;
  }

  /** Compare with a later `handledCount` to know whether anything was handled in between. */
  get handledCount(): number {
    return this.handled;
  }

  /** @param attempts failures while the database was not known to be away. */
  isPoison(attempts: number, handledCountAtFirstFailure: number, databaseAnswers: boolean): boolean {
    if (attempts < ATTEMPTS_MAX) return false;
    if (this.handled > handledCountAtFirstFailure) return true;
    if (attempts < ATTEMPTS_MAX * 2 ** Math.min(this.givenUpOnWeakProof, DOUBLINGS_MAX)) return false;
    if (!databaseAnswers) return false;
    this.givenUpOnWeakProof += 1;
    return true;
  }
}
