import type { SharedTotals } from './shared-totals.js';

/** For a participant that has no others and no way to hear of any: nothing is kept, since nobody asks. */
export class SingleRouterTotals implements SharedTotals {
  set(): void {
    // Nobody to tell.
  }

  others(): bigint {
    return 0n;
  }

  live(): number {
    return 1;
  }

  version(): number {
    return 0;
  }

  nextMessage(): number {
    return 0;
  }

  acknowledged(): number {
    return Infinity;
  }

  hearsOthers(): boolean {
    return true;
  }

  degradation(): undefined {
    return undefined;
  }

  nowMs(): number {
    return Date.now();
  }

  async start(): Promise<void> {
    // Nobody to hear.
  }

  async stop(): Promise<void> {
    // Nobody to leave.
  }
}
