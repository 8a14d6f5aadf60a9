interface Standing {
  consecutiveFailures: number;
  timesEjected: number;
  /** Out until then, and from then on given a growing share of its calls. */
  backAtMs: number;
  /** From when on a success takes one ejection off the record. */
  decaysAtMs: number;
}

const FAILURES_TO_EJECT = 2;
const EJECTION_STEP_MS = 5_000;
const EJECTION_MAX_MS = 60_000;
/** Who comes back begins with this share of its calls and has its full share after the ramp. */
const SHARE_AT_RETURN = 0.1;
const RAMP_MS = 10_000;
/** While it serves, one ejection is forgotten in each such span. */
const DECAY_MS = 10_000;

/**
 * What calls have told of the places that serve one instance: its regions to a router, its pods to a gateway. Two failures
 * in a row take a place out for 5 s, longer each time it happens again, up to a minute. Coming back, it gets a trickle
 * first; until its first success one more failure is enough to take it out again. Holds nothing for one that does well.
 */
export class Ejections {
  private readonly standings = new Map<string, Standing>();

  /** `now` in milliseconds of a monotonic clock. */
  constructor(private readonly now: () => number) {}

  /** @returns for how long the place is out from now on; `undefined` where this failure does not eject it. */
  failed(place: string): number | undefined {
    const standing = this.standingOf(place);
    standing.consecutiveFailures += 1;
    if (standing.consecutiveFailures < FAILURES_TO_EJECT || this.isOut(standing)) return undefined;
    standing.timesEjected += 1;
    const outMs = Math.min(EJECTION_STEP_MS * standing.timesEjected, EJECTION_MAX_MS);
    standing.backAtMs = this.now() + outMs;
    standing.decaysAtMs = standing.backAtMs + RAMP_MS;
    return outMs;
  }

  succeeded(place: string): void {
    const standing = this.standings.get(place);
    if (standing === undefined) return;
    standing.consecutiveFailures = 0;
    if (standing.timesEjected > 0 && this.now() >= standing.decaysAtMs) {
      standing.timesEjected -= 1;
      standing.decaysAtMs = this.now() + DECAY_MS;
    }
    if (standing.timesEjected === 0 && this.shareOf(place) === 1) this.standings.delete(place);
  }

  /** A place that could not serve can again: it is cold, so it begins with a trickle, as after an ejection. */
  cameBack(place: string): void {
    const standing = this.standingOf(place);
    standing.backAtMs = Math.max(standing.backAtMs, this.now());
  }

  /** The part of its calls that a place gets: 0 while it is out, growing to 1 after its return. */
  shareOf(place: string): number {
    const standing = this.standings.get(place);
    if (standing === undefined) return 1;
    if (this.isOut(standing)) return 0;
    const backForMs = this.now() - standing.backAtMs;
    return Math.min(1, SHARE_AT_RETURN + (1 - SHARE_AT_RETURN) * (backForMs / RAMP_MS));
  }

  /** The place is gone for good. */
  forget(place: string): void {
    this.standings.delete(place);
  }

  private standingOf(place: string): Standing {
    let standing = this.standings.get(place);
    if (standing === undefined) {
      standing = { consecutiveFailures: 0, timesEjected: 0, backAtMs: -Infinity, decaysAtMs: 0 };
      this.standings.set(place, standing);
    }
    return standing;
  }

  private isOut(standing: Standing): boolean {
    return this.now() < standing.backAtMs;
  }
}
