import type { Fault } from './fault.js';

interface Entry {
  readonly fault: Fault;
  timesLeft: number;
}

/** The process-wide faults now in force. */
export class FaultBook {
  private entries: Entry[] = [];

  constructor(faults: readonly Fault[]) {
    this.replace(faults);
  }

  replace(faults: readonly Fault[]): void {
    this.entries = faults.map((fault) => ({ fault, timesLeft: fault.times ?? Number.POSITIVE_INFINITY }));
  }

  /** What is in force, without using any of it up. */
  current(): Fault[] {
    return this.entries.map((entry) => entry.fault);
  }

  /** The faults that hit one request; those with a count are used up by it. */
  takeForRequest(): Fault[] {
    const taken = this.current();
    for (const entry of this.entries) entry.timesLeft -= 1;
    this.entries = this.entries.filter((entry) => entry.timesLeft > 0);
    return taken;
  }
}
