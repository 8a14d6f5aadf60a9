/** The highest value that was seen; 0 before the first. */
export class HighWaterMark {
  private value = 0;

  note(value: number | bigint): void {
    if (value > this.value) this.value = Number(value);
  }

  get seen(): number {
    return this.value;
  }
}
