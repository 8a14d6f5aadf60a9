import { ApiError } from '@ecolink/contracts';
import { WindowCounter } from './window-counter.js';

const MINUTE_MS = 60_000;
/** Management calls of one account, and refused ones of one network, within a minute. */
export const MANAGEMENT_CALLS_PER_MINUTE = 600;
/** Accounts and networks that are remembered: a few megabytes. */
const REMEMBERED_MAX = 20_000;

/** How often an account may call, and how often a network may try without being let in. In this process, in bounded memory. */
export class ManagementRate {
  private readonly accounts = counter();
  private readonly strangers = counter();

  /** Counts a call of an account. Throws 429 `rate_limit_exceeded`, which does not count. */
  take(accountId: string, nowMs: number): void {
    count(this.accounts, accountId, nowMs, 'management calls of this account');
  }

  /** Counts a call that was not let in; 429 takes the place of its refusal once there are too many. */
  noteRefused(network: string, nowMs: number): void {
    count(this.strangers, network, nowMs, 'calls without a valid key or session from this network');
  }
}

function counter(): WindowCounter {
  return new WindowCounter({ limit: MANAGEMENT_CALLS_PER_MINUTE, windowMs: MINUTE_MS, keysMax: REMEMBERED_MAX });
}

function count(counted: WindowCounter, key: string, nowMs: number, what: string): void {
  const retryAfterSeconds = counted.secondsToWait(key, nowMs);
  if (retryAfterSeconds === undefined) return counted.add(key, nowMs);
  throw new ApiError('rate_limit_exceeded', `too many ${what}: ${MANAGEMENT_CALLS_PER_MINUTE} a minute are allowed`, {
    retryAfterSeconds,
  });
}
