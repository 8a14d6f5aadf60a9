import { setTimeout as delay } from 'node:timers/promises';

const DAY_MS = 86_400_000;
/** Of a test that looks at what a day or a month has so far. */
const LONGEST_MS = 120_000;

/** Waits until the next UTC midnight is over where it is nearer than the test is long: what is cut by the day or the month is cut between tests. */
export async function clearOfMidnight(longestMs = LONGEST_MS): Promise<void> {
  const leftMs = DAY_MS - (Date.now() % DAY_MS);
  if (leftMs < longestMs) await delay(leftMs + 1_000);
}
