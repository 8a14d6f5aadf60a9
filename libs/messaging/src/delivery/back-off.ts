import { setTimeout as delay } from 'node:timers/promises';

export interface BackOff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** For handlers: quick enough that a moment's failure goes unnoticed, slow enough to let an outage be one. */
export const HANDLER_BACK_OFF: BackOff = { initialMs: 200, maxMs: 10_000 };

/** For connections: whoever waits for events after a restart of the server must not wait long for its notice. */
export const CONNECTION_BACK_OFF: BackOff = { initialMs: 50, maxMs: 2_000 };

const EXPONENT_MAX = 20;
const JITTER = 0.2;

/** The wait before try number `failures + 1`; doubles up to the bound, ± 20 % so that members do not march in step. */
export function backOffMs(backOff: BackOff, failures: number, random: () => number = Math.random): number {
  const exponent = Math.min(Math.max(failures - 1, 0), EXPONENT_MAX);
  const plainMs = Math.min(backOff.initialMs * 2 ** exponent, backOff.maxMs);
  return Math.round(plainMs * (1 - JITTER + 2 * JITTER * random()));
}

/** Rejects when `signal` aborts. */
export async function waitBackOff(backOff: BackOff, failures: number, signal: AbortSignal): Promise<void> {
  await delay(backOffMs(backOff, failures), undefined, { signal });
}
