/** Injection tokens of what the caller of `startAuthBilling` gives. */
export const EVENT_BUS = Symbol('EVENT_BUS');
export const CLOCK = Symbol('CLOCK');
export const DEAD_LETTER_SINK = Symbol('DEAD_LETTER_SINK');
export const SETTINGS = Symbol('SETTINGS');

/** The service's one source of time. */
export type Clock = () => Date;

export interface Settings {
  /** What a new account of a sign-up is given, and the demo account. */
  readonly signupBonusNanoUsd: bigint;
  readonly sessionLifetimeMs: number;
  /** Whether session cookies are for HTTPS only. */
  readonly secureCookies: boolean;
}
