import { RefusedCredentials, tooMany, WindowCounter } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';

export interface Attempt {
  readonly email: string;
  readonly network: string;
  /** The mark of a browser that was signed in to this address before. */
  readonly device: string | undefined;
}

const QUARTER_MS = 15 * 60_000;
const MINUTE_MS = 60_000;
const KEYS_MAX = 50_000;

/** Wrong passwords of one network, in a minute. */
const PER_NETWORK_MAX = 20;

/** Wrong passwords for one address from one network, or from one known browser, in a quarter of an hour. */
const PER_SOURCE_MAX = 10;
/** Wrong passwords for one address from everywhere, in a quarter of an hour. */
const PER_ADDRESS_MAX = 50;
/** Beyond a limit, attempts a minute that come from where nothing has failed for this address yet. */
const SHARE_PER_MINUTE_MAX = 10;

/**
 * Bounds guessing before anything is hashed, without giving strangers the power to lock a user out: an address that others
 * guess at stays open to browsers that were signed in to it before, and, at a slow rate, to sources that have not failed;
 * a network that others share stays open, at a slow rate, to addresses that have not failed. Counted in this process.
 */
@Injectable()
export class SignInThrottle {
  private readonly refused = new RefusedCredentials('password');
  private readonly bySource = new WindowCounter({ limit: PER_SOURCE_MAX, windowMs: QUARTER_MS, keysMax: KEYS_MAX });
  private readonly byAddress = new WindowCounter({ limit: PER_ADDRESS_MAX, windowMs: QUARTER_MS, keysMax: KEYS_MAX });
  private readonly byNetwork = new WindowCounter({ limit: PER_NETWORK_MAX, windowMs: MINUTE_MS, keysMax: KEYS_MAX });
  private readonly shares = new WindowCounter({ limit: SHARE_PER_MINUTE_MAX, windowMs: MINUTE_MS, keysMax: KEYS_MAX });

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * Throws 429 where this attempt may not be made now; else it counts as failed until `succeeded` says otherwise, so that a
   * burst is bounded like a sequence. `isSuspect`: something has failed for the address before.
   */
  admit(attempt: Attempt): { readonly isSuspect: boolean } {
    const nowMs = this.clock().getTime();
    const source = sourceOf(attempt);
    const isSuspect = this.byAddress.count(attempt.email, nowMs) > 0;
    const wait = this.bySource.secondsToWait(source, nowMs);
    if (wait !== undefined) throw tooMany(wait);
    if (attempt.device === undefined) {
      const networkWait = this.byNetwork.secondsToWait(attempt.network, nowMs);
      if (networkWait !== undefined) this.takeShare(`network ${attempt.network}`, isSuspect, networkWait, nowMs);
      const addressWait = this.byAddress.secondsToWait(attempt.email, nowMs);
      const hasFailed = this.bySource.count(source, nowMs) > 0;
      if (addressWait !== undefined) this.takeShare(`address ${attempt.email}`, hasFailed, addressWait, nowMs);
      this.byNetwork.add(attempt.network, nowMs);
      this.byAddress.add(attempt.email, nowMs);
    }
    this.bySource.add(source, nowMs);
    return { isSuspect: isSuspect && attempt.device === undefined };
  }

  /** Logs and counts a wrong password. Throws 429 where its network has guessed too often within a minute. */
  failed(attempt: Attempt): void {
    this.refused.note(attempt.network, this.clock().getTime());
  }

  /** A right password does not count, and ends the count of its source. */
  succeeded(attempt: Attempt): void {
    const nowMs = this.clock().getTime();
    this.bySource.forget(sourceOf(attempt));
    if (attempt.device !== undefined) return;
    this.byAddress.takeBack(attempt.email, nowMs);
    this.byNetwork.takeBack(attempt.network, nowMs);
  }

  /** The attempt was no guess: it does not count. What was counted before stays. */
  takeBack(attempt: Attempt): void {
    const nowMs = this.clock().getTime();
    this.bySource.takeBack(sourceOf(attempt), nowMs);
    if (attempt.device !== undefined) return;
    this.byAddress.takeBack(attempt.email, nowMs);
    this.byNetwork.takeBack(attempt.network, nowMs);
  }

  private takeShare(name: string, hasFailed: boolean, wait: number, nowMs: number): void {
    if (hasFailed || this.shares.secondsToWait(name, nowMs) !== undefined) throw tooMany(wait);
    this.shares.add(name, nowMs);
  }
}

function sourceOf({ email, network, device }: Attempt): string {
  return device === undefined ? `${email} ${network}` : `${email} device ${device}`;
}
