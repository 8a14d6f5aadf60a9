/** Never more often than a screen draws. */
const FRAME_MS = 16;
/** Drawing takes at most a third of the time, however long the text is. */
const COST_FACTOR = 2;

/**
 * Calls `commit` for what has gathered, and waits at least twice as long as the last commit took before the next one, so
 * that the page stays usable while a long answer streams.
 */
export class Paced {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private costMs = 0;
  private more = false;

  constructor(private readonly commit: () => void) {}

  request(): void {
    if (this.timer !== undefined) this.more = true;
    else this.timer = setTimeout(() => this.run(), Math.max(FRAME_MS, this.costMs * COST_FACTOR));
  }

  /** At once; what was requested is done with it. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.more = false;
    this.commit();
  }

  private run(): void {
    this.more = false;
    const startedAt = performance.now();
    this.commit();
    // What the commit makes the page draw is done when the next task runs.
    this.timer = setTimeout(() => {
      this.costMs = performance.now() - startedAt;
      this.timer = undefined;
      if (this.more) this.request();
    }, 0);
  }
}
