type Say = (text: string) => void;

const MS_PER_SECOND = 1_000;
/** A step that takes longer says so, and again after each such time. */
const SAID_EVERY_MS = 5_000;

/** Says how far the start is: each step as it begins, with the seconds since the start, and what a long one waits for. */
export class Progress {
  readonly #startedAtMs = performance.now();

  constructor(
    private readonly write: Say,
    private readonly saidEveryMs = SAID_EVERY_MS,
  ) {}

  /** One line: `[12.3 s] text`. */
  readonly say: Say = (text) => this.write(`[${((performance.now() - this.#startedAtMs) / MS_PER_SECOND).toFixed(1)} s] ${text}`);

  /** Says that a step begins, and while it takes its time what `waitsFor` returns then. Resolves and rejects as the work does. */
  async step<T>(text: string, work: () => Promise<T>, waitsFor?: () => string): Promise<T> {
    this.say(`${text}…`);
    const beganAtMs = performance.now();
    const timer = setInterval(() => {
      const seconds = Math.round((performance.now() - beganAtMs) / MS_PER_SECOND);
      const waiting = waitsFor?.();
      this.say(`still ${text}, for ${seconds} s${waiting === undefined || waiting === '' ? '' : `; waiting for ${waiting}`}`);
    }, this.saidEveryMs);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }
}
