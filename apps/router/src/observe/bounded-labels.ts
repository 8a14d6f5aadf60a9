/** Label values up to a number; whatever comes after that is told as one, so that metrics cannot grow without end. */
export class BoundedLabels {
  private readonly known = new Set<string>();

  constructor(private readonly valuesMax: number) {}

  of(value: string): string {
    if (this.known.has(value)) return value;
    if (this.known.size >= this.valuesMax) return 'other';
    this.known.add(value);
    return value;
  }
}
