/** How many calls of one instance run in each region, through this router. */
export class RegionLoads {
  private readonly calls = new Map<string, number>();

  /** @param callsMax at a time in one region: what is beyond would take connections from other instances. */
  constructor(private readonly callsMax: number) {}

  hasRoom(region: string): boolean {
    return (this.calls.get(region) ?? 0) < this.callsMax;
  }

  of(region: string): number {
    return this.calls.get(region) ?? 0;
  }

  /** Counts a call. @returns what is to be called once, when it is over. */
  enter(region: string): () => void {
    this.calls.set(region, (this.calls.get(region) ?? 0) + 1);
    return () => {
      const rest = (this.calls.get(region) ?? 1) - 1;
      if (rest === 0) this.calls.delete(region);
      else this.calls.set(region, rest);
    };
  }
}
