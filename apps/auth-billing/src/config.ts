import { nanoUsdTextNonNegative, parsePodNetworks, signupMode } from '@ecolink/contracts';
import { commaList, OWNER_VARIABLES, readEnvironment } from '@ecolink/runtime';
import { z } from 'zod';
import type { OidcSettings, Settings, StripeSettings } from './injection.js';
import { SETTINGS_DEFAULT } from './start-auth-billing.js';

const SECOND_MS = 1_000;
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

const SETTINGS_VARIABLES = {
  ECOLINK_SIGNUP_BONUS_NANO_USD: nanoUsdTextNonNegative
    .transform((text) => BigInt(text))
    .default(SETTINGS_DEFAULT.signupBonusNanoUsd),
  ECOLINK_SESSION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(365)
    .default(SETTINGS_DEFAULT.sessionLifetimeMs / DAY_MS),
  ECOLINK_REQUEST_LOG_DAYS: z.coerce.number().int().min(1).max(3_650).default(SETTINGS_DEFAULT.requestLogDays),
  ECOLINK_HOLD_PERIOD_SECONDS: z.coerce
    .number()
    .int()
    .min(10)
    .max(31 * 86_400)
    .default(SETTINGS_DEFAULT.holdPeriodMs / SECOND_MS),
  ECOLINK_STRIPE_SECRET_KEY: z.string().min(1).optional(),
  ECOLINK_STRIPE_WEBHOOK_SECRET: z.string().min(1).optional(),
  /** `http://127.0.0.1:12111`: a server that stands in for Stripe. */
  ECOLINK_STRIPE_URL: z.url({ protocol: /^https?$/ }).optional(),
  ECOLINK_TEST_PAYMENTS: z.enum(['0', '1']).default('0'),
  ECOLINK_SESSION_IDLE_HOURS: z.coerce
    .number()
    .int()
    .min(1)
    .max(8_760)
    .default(SETTINGS_DEFAULT.sessionIdleMs / HOUR_MS),
  ECOLINK_SIGNUP: signupMode.default(SETTINGS_DEFAULT.signupMode),
  ECOLINK_SIGNUPS_PER_HOUR: z.coerce.number().int().min(1).max(1_000_000).default(SETTINGS_DEFAULT.signupsPerHour),
  ECOLINK_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  ECOLINK_OIDC_ISSUER: z
    .url({ protocol: /^https?$/ })
    .refine(isSafeIssuer, 'must be https, or http on this machine')
    .optional(),
  ECOLINK_OIDC_CLIENT_ID: z.string().min(1).optional(),
  ECOLINK_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  ECOLINK_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  ECOLINK_MAIL_FROM: z.string().min(1).max(320).default(SETTINGS_DEFAULT.mailFrom),
  ECOLINK_POD_NETWORKS: commaList.transform(parsePodNetworks),
  ECOLINK_OWN_PORTS: commaList.transform((parts) => new Set(parts.map(Number))),
};

/** Names of the variables of an operator's choices, but those that every service shares. */
export const SETTING_NAMES: readonly string[] = Object.keys(SETTINGS_VARIABLES).filter(
  (name) => !['ECOLINK_PUBLIC_URL', 'ECOLINK_POD_NETWORKS', 'ECOLINK_OWN_PORTS'].includes(name),
);

const settingsEnvironment = z.object(SETTINGS_VARIABLES);
const environment = z.object({ ...OWNER_VARIABLES, ...SETTINGS_VARIABLES });

/** Reads the environment; a missing or wrong value stops the start with its name. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const values = readEnvironment(environment, withoutEmpty(environment, env));
  return {
    host: values.ECOLINK_HOST,
    port: values.ECOLINK_PORT,
    databaseUrl: values.DATABASE_URL,
    kafkaBrokers: values.KAFKA_BROKERS,
    internalSecret: values.ECOLINK_INTERNAL_SECRET,
    adminTokens: values.ECOLINK_ADMIN_TOKENS,
    settings: settingsOf(values),
  };
}

/** The operator's choices alone, for a caller that gives the rest by itself. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return settingsOf(readEnvironment(settingsEnvironment, withoutEmpty(settingsEnvironment, env)));
}

/** Files that pass a variable on have it empty where it is not set. */
function withoutEmpty(schema: z.ZodObject, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const set = Object.keys(schema.shape).map((name) => [name, env[name] === '' ? undefined : env[name]] as const);
  return Object.fromEntries(set);
}

function settingsOf(values: z.output<typeof settingsEnvironment>): Settings {
  return {
    stripe: stripeOf(values),
    testPayments: values.ECOLINK_TEST_PAYMENTS === '1',
    holdPeriodMs: values.ECOLINK_HOLD_PERIOD_SECONDS * SECOND_MS,
    signupBonusNanoUsd: values.ECOLINK_SIGNUP_BONUS_NANO_USD,
    requestLogDays: values.ECOLINK_REQUEST_LOG_DAYS,
    sessionLifetimeMs: values.ECOLINK_SESSION_DAYS * DAY_MS,
    sessionIdleMs: values.ECOLINK_SESSION_IDLE_HOURS * HOUR_MS,
    signupMode: values.ECOLINK_SIGNUP,
    signupsPerHour: values.ECOLINK_SIGNUPS_PER_HOUR,
    publicUrl: (values.ECOLINK_PUBLIC_URL ?? SETTINGS_DEFAULT.publicUrl).replace(/\/+$/, ''),
    smtpUrl: values.ECOLINK_SMTP_URL,
    mailFrom: values.ECOLINK_MAIL_FROM,
    oidc: oidcOf(values),
    podNetworks: values.ECOLINK_POD_NETWORKS,
    ownPorts: values.ECOLINK_OWN_PORTS,
    secureCookies: values.ECOLINK_PUBLIC_URL?.startsWith('https:') ?? false,
  };
}

/** Plain HTTP would give the sign-in away to the network between. */
function isSafeIssuer(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}

function oidcOf(values: z.output<typeof settingsEnvironment>): OidcSettings | undefined {
  const { ECOLINK_OIDC_ISSUER: issuer, ECOLINK_OIDC_CLIENT_ID: clientId, ECOLINK_OIDC_CLIENT_SECRET: clientSecret } = values;
  if (issuer === undefined) return undefined;
  if (clientId === undefined || clientSecret === undefined) {
    throw new Error('configuration: ECOLINK_OIDC_ISSUER needs ECOLINK_OIDC_CLIENT_ID and ECOLINK_OIDC_CLIENT_SECRET');
  }
  return { issuer, clientId, clientSecret };
}

function stripeOf(values: z.output<typeof settingsEnvironment>): StripeSettings | undefined {
  const secretKey = values.ECOLINK_STRIPE_SECRET_KEY;
  if (secretKey === undefined) return undefined;
  const url = values.ECOLINK_STRIPE_URL === undefined ? undefined : new URL(values.ECOLINK_STRIPE_URL);
  return {
    secretKey,
    webhookSecret: values.ECOLINK_STRIPE_WEBHOOK_SECRET,
    host: url?.hostname,
    port: url === undefined || url.port === '' ? undefined : Number(url.port),
    protocol: url === undefined ? undefined : url.protocol === 'http:' ? 'http' : 'https',
    publicUrl: (values.ECOLINK_PUBLIC_URL ?? SETTINGS_DEFAULT.publicUrl).replace(/\/+$/, ''),
  };
}
