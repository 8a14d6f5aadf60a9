import { ApiError } from '@ecolink/contracts';
import type { Clock } from '../settings.js';

const TESTS_MAX = 10;
const WINDOW_MS = 60_000;
/** Accounts that test at a time; the one that tested longest ago is forgotten beyond that. */
const ACCOUNTS_MAX = 10_000;

/** Ten tests in any minute for an account: enough to set a pod up, too few to search a network. Per process. */
export class TestPodLimit {
  private readonly takenAtMs = new Map<string, number[]>();

  constructor(private readonly clock: Clock) {}

  /** Throws `rate_limit_exceeded`, with the seconds until the oldest test leaves the window. */
  take(accountId: string): void {
    const nowMs = this.clock().getTime();
    const recent = (this.takenAtMs.get(accountId) ?? []).filter((atMs) => atMs > nowMs - WINDOW_MS);
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= TESTS_MAX) {
      const retryAfterSeconds = Math.max(1, Math.ceil((oldest + WINDOW_MS - nowMs) / 1_000));
      throw new ApiError('rate_limit_exceeded', `an account may test ${TESTS_MAX} pods a minute`, { retryAfterSeconds });
    }
    // Taken out and put in again: the map's order is that of the last test.
    this.takenAtMs.delete(accountId);
    this.takenAtMs.set(accountId, [...recent, nowMs]);
    const [longestAgo] = this.takenAtMs.keys();
    if (this.takenAtMs.size > ACCOUNTS_MAX && longestAgo !== undefined) this.takenAtMs.delete(longestAgo);
  }
}
