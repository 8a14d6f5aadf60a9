/** GPUs of this host by index, each given to one pod at a time. */
export class GpuPool {
  readonly #taken = new Set<number>();

  /** `undefined` when fewer are free. Without a list of GPUs there are none to give, and pods choose for themselves. */
  take(all: readonly number[], count: number): readonly number[] | undefined {
    if (all.length === 0) return Array.from({ length: count }, (_, index) => index);
    const free = all.filter((index) => !this.#taken.has(index)).slice(0, count);
    if (free.length < count) return undefined;
    this.keep(free);
    return free;
  }

  keep(indices: readonly number[]): void {
    for (const index of indices) this.#taken.add(index);
  }

  give(indices: readonly number[]): void {
    for (const index of indices) this.#taken.delete(index);
  }
}
