/** Lets one loop sleep until somebody rings or a time is over. A ring while nobody sleeps is kept for the next wait. */
export class WakeSignal {
  private rung = false;
  private wake: (() => void) | undefined;

  notify(): void {
    this.rung = true;
    this.wake?.();
  }

  /** Resolves with whether it was rung; false when the time is over. */
  async wait(timeoutMs: number): Promise<boolean> {
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.wake = undefined;
    const wasRung = this.rung;
    this.rung = false;
    return wasRung;
  }
}
