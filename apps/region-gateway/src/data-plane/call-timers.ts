import type { CallLimits } from './call-limits.js';

/** The two clocks of a call: the whole of it, and the wait for the next sign of life. */
export class CallTimers {
  #total: NodeJS.Timeout | undefined;
  #phase: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: CallLimits,
    private readonly onTimeout: (what: string) => void,
  ) {
    this.#total = this.#start(limits.totalTimeoutMs, 'the call took longer than a call may');
  }

  waitForHeaders(): void {
    clearTimeout(this.#phase);
    this.#phase = this.#start(this.limits.firstByteTimeoutMs, 'the pod did not begin to answer in time');
  }

  waitForBody(): void {
    clearTimeout(this.#phase);
    this.#phase = this.#start(this.limits.idleTimeoutMs, 'the pod stopped in the middle of its answer');
  }

  /** Something came, or went out: the wait begins anew. */
  touch(): void {
    this.#phase?.refresh();
  }

  /** While the caller does not take what is there, the pod is not to blame for the silence. */
  pausePhase(): void {
    clearTimeout(this.#phase);
    this.#phase = undefined;
  }

  stop(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#phase);
  }

  #start(delayMs: number, what: string): NodeJS.Timeout | undefined {
    return delayMs === 0 ? undefined : setTimeout(() => this.onTimeout(what), delayMs);
  }
}
