import { Counter, type Registry } from 'prom-client';

/** What is counted under one set of labels. */
export interface Count {
  readonly labels: Readonly<Record<string, string | number>>;
  count: number;
}

export interface TallyOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly registers: Registry[];
}

/**
 * A counter for what happens thousands of times a second. It counts under a key of its own and tells Prometheus when it is
 * asked: matching labels at every count would cost more than the count.
 */
export class Tally {
  private readonly entries = new Map<string, Count>();

  constructor(options: TallyOptions) {
    const { entries } = this;
    new Counter({
      ...options,
      collect(): void {
        this.reset();
        for (const { labels, count } of entries.values()) this.inc(labels, count);
      },
    });
  }

  /** The count under `key`, which must stand for the same labels every time. */
  of(key: string, labels: () => Count['labels']): Count {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = { labels: labels(), count: 0 };
      this.entries.set(key, entry);
    }
    return entry;
  }
}
