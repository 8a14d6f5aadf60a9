/** Runs so many tasks at a time and lets the others wait their turn. Each pod has at most one probe, which bounds the queue. */
export class ProbeLane {
  #running = 0;
  readonly #queue: (() => void)[] = [];

  constructor(private readonly concurrencyMax: number) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.concurrencyMax) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running += 1;
    try {
      return await task();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
