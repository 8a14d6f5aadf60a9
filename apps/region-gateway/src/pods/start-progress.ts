import type { StartPhase } from '@ecolink/contracts';

/** How far a start has come, as its driver knows it. `sinceMs`: milliseconds since the epoch. */
export interface StartStanding {
  readonly phase: StartPhase;
  readonly sinceMs: number;
  readonly limitSeconds?: number | undefined;
  readonly doneBytes?: number | undefined;
  readonly totalBytes?: number | undefined;
}

/** Remembers since when a start has been in its phase. */
export class StartProgress {
  #standing: StartStanding;

  constructor(nowMs: number) {
    this.#standing = { phase: 'scheduled', sinceMs: nowMs };
  }

  get standing(): StartStanding {
    return this.#standing;
  }

  /** @returns whether the phase is another one. */
  enter(phase: StartPhase, nowMs: number, told?: StartStanding): boolean {
    if (told?.phase === phase) {
      const isOther = this.#standing.phase !== phase;
      this.#standing = told;
      return isOther;
    }
    if (this.#standing.phase === phase) return false;
    this.#standing = { phase, sinceMs: nowMs };
    return true;
  }
}
