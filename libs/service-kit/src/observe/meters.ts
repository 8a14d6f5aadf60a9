import { Counter, Gauge, Histogram, register } from 'prom-client';

/** Several services may live in one process, and several of one kind in one test: each metric is made once. */
export function counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
  const known = register.getSingleMetric(name);
  return known instanceof Counter ? known : new Counter({ name, help, labelNames: [...labelNames] });
}

export function histogram(name: string, help: string, buckets: readonly number[], labelNames: readonly string[] = []): Histogram {
  const known = register.getSingleMetric(name);
  return known instanceof Histogram ? known : new Histogram({ name, help, labelNames: [...labelNames], buckets: [...buckets] });
}

/** One value of a gauge, with its labels. */
export interface Reading {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface GaugeDeclaration {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

type Read = () => readonly Reading[] | Promise<readonly Reading[]>;

const readers = new Map<string, Map<string, Read>>();

/**
 * A gauge that is read when it is asked for, and costs nothing in between. `owner` is who reads: the newest reader of an owner replaces
 * the one before. A reader that fails leaves its values out, never the rest of the page.
 */
export function observedGauge({ name, help, labelNames = [] }: GaugeDeclaration, owner: string, read: Read): void {
  const ofName = readers.get(name) ?? new Map<string, Read>();
  readers.set(name, ofName);
  ofName.set(owner, read);
  if (register.getSingleMetric(name) !== undefined) return;
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    async collect(): Promise<void> {
      const readings = await Promise.all([...ofName.values()].map(async (each) => Promise.resolve(each()).catch(() => [])));
      this.reset();
      for (const { labels = {}, value } of readings.flat()) this.set(labels, value);
    },
  });
}
