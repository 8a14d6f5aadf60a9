import { nanoUsdTextNonNegative } from '@ecolink/contracts';
import { OWNER_VARIABLES, readEnvironment } from '@ecolink/service-kit';
import { z } from 'zod';
import { SETTINGS_DEFAULT } from './start-auth-billing.js';

const DAY_MS = 24 * 60 * 60 * 1000;

const environment = z.object({
  ...OWNER_VARIABLES,
  ECOLINK_SIGNUP_BONUS_NANO_USD: nanoUsdTextNonNegative
    .transform((text) => BigInt(text))
    .default(SETTINGS_DEFAULT.signupBonusNanoUsd),
  ECOLINK_SESSION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(365)
    .default(SETTINGS_DEFAULT.sessionLifetimeMs / DAY_MS),
  ECOLINK_PUBLIC_URL: z.url().optional(),
});

/** Reads the environment; a missing or wrong value stops the start with its name. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const values = readEnvironment(environment, env);
  return {
    host: values.ECOLINK_HOST,
    port: values.ECOLINK_PORT,
    databaseUrl: values.DATABASE_URL,
    kafkaBrokers: values.KAFKA_BROKERS,
    internalSecret: values.ECOLINK_INTERNAL_SECRET,
    adminTokens: values.ECOLINK_ADMIN_TOKENS,
    settings: {
      signupBonusNanoUsd: values.ECOLINK_SIGNUP_BONUS_NANO_USD,
      sessionLifetimeMs: values.ECOLINK_SESSION_DAYS * DAY_MS,
      secureCookies: values.ECOLINK_PUBLIC_URL?.startsWith('https:') ?? false,
    },
  };
}
