const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits between attempts, a day in all: a receiver that is away over night misses nothing. */
const WAITS_MS: readonly number[] = [
  ...[5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS],
  ...[HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS, 6 * HOUR_MS, 10 * HOUR_MS],
];

/** When the attempt after this many is made; undefined where that was the last. */
export function nextAttemptAt(attemptsMade: number, now: Date): Date | undefined {
  const waitMs = WAITS_MS[attemptsMade - 1];
  return waitMs === undefined ? undefined : new Date(now.getTime() + waitMs);
}
