import type { IpNetwork, SignupMode } from '@ecolink/contracts';

/** Injection tokens of what the caller of `startAuthBilling` gives. */
export const EVENT_BUS = Symbol('EVENT_BUS');
export const CLOCK = Symbol('CLOCK');
export const DEAD_LETTER_SINK = Symbol('DEAD_LETTER_SINK');
export const SETTINGS = Symbol('SETTINGS');
/** `{ provider }`: who takes payments, or undefined. */
export const PAYMENT_PROVIDER = Symbol('PAYMENT_PROVIDER');

/** The service's one source of time. */
export type Clock = () => Date;

/** An OpenID provider that people may sign in with. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** How Stripe is reached. Host, port and protocol are given where a server stands in for it. */
export interface StripeSettings {
  readonly secretKey: string;
  readonly webhookSecret: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly protocol: 'http' | 'https' | undefined;
  /** Where payers come back to. */
  readonly publicUrl: string;
}

export interface Settings {
  readonly stripe: StripeSettings | undefined;
  /** Every payment succeeds and none is real. */
  readonly testPayments: boolean;
  /** How long a hold and a billing cycle last. */
  readonly holdPeriodMs: number;
  /** What a new account of a sign-up is given, and the demo account. */
  readonly signupBonusNanoUsd: bigint;
  readonly sessionLifetimeMs: number;
  /** How long the request log keeps a row. */
  readonly requestLogDays: number;
  /** A session that makes no call for so long has ended. */
  readonly sessionIdleMs: number;
  readonly signupMode: SignupMode;
  /** From one network. */
  readonly signupsPerHour: number;
  /** Where people reach the product; what links in mails and invites begin with. No slash at its end. */
  readonly publicUrl: string;
  /** `smtp://user:password@host:port`; without it no mail is sent. */
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  readonly oidc: OidcSettings | undefined;
  /** Whether session cookies are for HTTPS only. */
  readonly secureCookies: boolean;
  /** Where webhooks may go: the networks of external pods. Empty: nowhere. */
  readonly podNetworks: readonly IpNetwork[];
  /** Ports of this product on this host, where no webhook goes. */
  readonly ownPorts: ReadonlySet<number>;
}
