import type { CallLimits } from './call-limits.js';

type Phase = 'none' | 'headers' | 'body';

const PHASE_MESSAGE = {
  headers: 'the pod did not begin to answer in time',
  body: 'the pod stopped in the middle of its answer',
} as const;

/**
 * The two clocks of a call: the whole of it, and the wait for the next sign of life. Both are points in time that one timer
 * looks after: it never sleeps for longer than the shortest of the limits, so that it is awake when a wait that began
 * meanwhile is over, and a sign of life costs no more than a look at the clock.
 */
export class CallTimers {
  #timer: NodeJS.Timeout | undefined;
  #phase: Phase = 'none';
  #phaseEndsMs = Infinity;
  readonly #totalEndsMs: number;

  constructor(
    private readonly limits: CallLimits,
    private readonly onTimeout: (what: string) => void,
  ) {
    this.#totalEndsMs = endOf(limits.totalTimeoutMs);
    this.#sleep(longestSleepMs(limits));
  }

  waitForHeaders(): void {
    this.#begin('headers');
  }

  waitForBody(): void {
    this.#begin('body');
  }

  /** Something came, or went out: the wait begins anew. */
  touch(): void {
    if (this.#phase !== 'none') this.#begin(this.#phase);
  }

  /** While the caller does not take what is there, the pod is not to blame for the silence. */
  pausePhase(): void {
    this.#phase = 'none';
    this.#phaseEndsMs = Infinity;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #begin(phase: 'headers' | 'body'): void {
    this.#phase = phase;
    this.#phaseEndsMs = endOf(phase === 'headers' ? this.limits.firstByteTimeoutMs : this.limits.idleTimeoutMs);
  }

  #look(): void {
    const nowMs = performance.now();
    if (nowMs >= this.#totalEndsMs) return this.onTimeout('the call took longer than a call may');
    if (this.#phase !== 'none' && nowMs >= this.#phaseEndsMs) return this.onTimeout(PHASE_MESSAGE[this.#phase]);
    const nextMs = Math.min(this.#totalEndsMs, this.#phaseEndsMs) - nowMs;
    this.#sleep(Math.min(longestSleepMs(this.limits), Math.ceil(nextMs)));
  }

  #sleep(delayMs: number): void {
    if (delayMs !== Infinity) this.#timer = setTimeout(() => this.#look(), delayMs);
  }
}

/** @param limitMs 0 = none. */
function endOf(limitMs: number): number {
  return limitMs === 0 ? Infinity : performance.now() + limitMs;
}

function longestSleepMs({ firstByteTimeoutMs, idleTimeoutMs, totalTimeoutMs }: CallLimits): number {
  return Math.min(firstByteTimeoutMs || Infinity, idleTimeoutMs || Infinity, totalTimeoutMs || Infinity);
}
