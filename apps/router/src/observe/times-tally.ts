import type { Metric, MetricValueWithName, Registry } from 'prom-client';

type Labels = Readonly<Record<string, string | number>>;

/** The times under one set of labels. */
export class Times {
  sum = 0;
  /** How many values fell into each bucket alone; the last one takes what is above all bounds. */
  readonly counts: number[];

  constructor(
    readonly labels: Labels,
    private readonly buckets: readonly number[],
  ) {
    this.counts = Array.from({ length: buckets.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.buckets.length && value > (this.buckets[bucket] ?? Infinity)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

export interface TimesTallyOptions {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
  readonly registers: readonly Registry[];
}

/** A histogram for what happens thousands of times a second: like `Tally`, it matches no labels when it counts. */
export class TimesTally {
  private readonly entries = new Map<string, Times>();

  constructor(private readonly options: TimesTallyOptions) {
    const { name, help } = options;
    const get = async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: this.values() });
    const metric = { name, get, reset: () => this.entries.clear() } as unknown as Metric;
    for (const register of options.registers) register.registerMetric(metric);
  }

  /** The times under `key`, which must stand for the same labels every time. */
  of(key: string, labels: () => Labels): Times {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = new Times(labels(), this.options.buckets);
      this.entries.set(key, entry);
    }
    return entry;
  }

  private values(): MetricValueWithName<string>[] {
    const { name, buckets } = this.options;
    return [...this.entries.values()].flatMap(({ labels, counts, sum }) => {
      let upTo = 0;
      const values = counts.map((count, index) => {
        upTo += count;
        return { metricName: `${name}_bucket`, labels: { ...labels, le: buckets[index] ?? '+Inf' }, value: upTo };
      });
      const total = { metricName: `${name}_count`, labels, value: upTo };
      return [...values, { metricName: `${name}_sum`, labels, value: sum }, total];
    });
  }
}
