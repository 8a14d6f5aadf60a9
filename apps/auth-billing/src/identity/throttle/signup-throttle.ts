import { tooMany, WindowCounter } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK, SETTINGS, type Settings } from '../../injection.js';

const HOUR_MS = 60 * 60_000;
const NETWORKS_MAX = 10_000;
const RESETS_PER_HOUR_MAX = 20;
const RESETS_PER_ADDRESS_MAX = 5;
const FLOWS_PER_HOUR_MAX = 200;

/** Sign-ups and requests for a new password, by where they come from. Counted in this process. */
@Injectable()
export class SignupThrottle {
  private readonly signups: WindowCounter;
  private readonly resets = new WindowCounter({ limit: RESETS_PER_HOUR_MAX, windowMs: HOUR_MS, keysMax: NETWORKS_MAX });
  private readonly flows = new WindowCounter({ limit: FLOWS_PER_HOUR_MAX, windowMs: HOUR_MS, keysMax: NETWORKS_MAX });
  private readonly mails = new WindowCounter({ limit: RESETS_PER_ADDRESS_MAX, windowMs: HOUR_MS, keysMax: NETWORKS_MAX });

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.signups = new WindowCounter({ limit: settings.signupsPerHour, windowMs: HOUR_MS, keysMax: NETWORKS_MAX });
  }

  /** Counts a sign-up, whatever comes of it. Throws 429. */
  signUp(network: string): void {
    this.count(this.signups, network);
  }

  /** Counts a use of, or a request for, a reset link. Throws 429. */
  reset(network: string): void {
    this.count(this.resets, network);
  }

  /** Counts the beginning of a sign-in by the OpenID provider. Throws 429. */
  oidc(network: string): void {
    this.count(this.flows, network);
  }

  /** Whether the address may be sent one more mail within this hour. */
  mayMail(email: string): boolean {
    const nowMs = this.clock().getTime();
    if (this.mails.secondsToWait(email, nowMs) !== undefined) return false;
    this.mails.add(email, nowMs);
    return true;
  }

  private count(counter: WindowCounter, network: string): void {
    const nowMs = this.clock().getTime();
    const wait = counter.secondsToWait(network, nowMs);
    if (wait !== undefined) throw tooMany(wait);
    counter.add(network, nowMs);
  }
}
