import type { LeaseStore } from './lease.store.js';

const DURATION_MS = 5_000;
const RENEW_INTERVAL_MS = 1_500;

/** Whether this process is the one that decides. Renewed well before its end; lost when the database cannot be asked in time. */
export class Lease {
  #validUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    readonly holder: string,
    private readonly store: LeaseStore,
    private readonly onError: (error: unknown) => void,
  ) {}

  get isHeld(): boolean {
    return performance.now() < this.#validUntilMs;
  }

  /** Asks once, then keeps asking. */
  async start(): Promise<void> {
    await this.#renew();
    if (!this.#stopped) this.#timer = setTimeout(() => void this.start(), RENEW_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#validUntilMs = 0;
    await this.store.release(this.holder).catch(this.onError);
  }

  async #renew(): Promise<void> {
    const askedAtMs = performance.now();
    try {
      const isHeld = await this.store.acquire(this.holder, DURATION_MS);
      // Counted from before the question: here it never lasts longer than in the database.
      this.#validUntilMs = isHeld && !this.#stopped ? askedAtMs + DURATION_MS : 0;
    } catch (error) {
      this.onError(error);
    }
  }
}
