import path from 'node:path';
import { type IpNetwork, parseIpNetwork } from '@ecolink/contracts';
import { readEnvironment, SERVICE_VARIABLES } from '@ecolink/runtime';
import { z } from 'zod';
import { ROUTER_LIMITS, type RouterConfig, type RouterLimits } from './config.js';

/** Tells a worker its number, from 1 on; set by the primary alone. */
export const WORKER_VARIABLE = 'ECOLINK_ROUTER_WORKER';

const port = z.coerce.number().int().min(0).max(65_535);

const seconds = z.coerce.number().int().min(1).max(86_400);
const MS_PER_SECOND = 1_000;

const trustedProxies = z.string().transform((text, context) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const network = parseIpNetwork(entry);
      if (network === undefined) context.addIssue(`"${entry}" is neither an address nor a network in CIDR notation`);
      return network ?? [];
    }),
);

/** CIDRs, comma-separated. */
const proxyVariables = { ECOLINK_TRUSTED_PROXIES: trustedProxies.default([]) };

/** Scheme, host and port as a browser writes them, and nothing more. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** Limits that operators may set; the rest are constants of `config.ts`. */
const limitVariables = {
  ECOLINK_FIRST_BYTE_TIMEOUT_SECONDS: seconds.default(ROUTER_LIMITS.firstByteTimeoutMs / MS_PER_SECOND),
  ECOLINK_IDLE_TIMEOUT_SECONDS: seconds.default(ROUTER_LIMITS.idleTimeoutMs / MS_PER_SECOND),
  ECOLINK_TOTAL_TIMEOUT_SECONDS: seconds.default(ROUTER_LIMITS.totalTimeoutMs / MS_PER_SECOND),
  ECOLINK_CLIENT_STALL_TIMEOUT_SECONDS: seconds.default(ROUTER_LIMITS.clientStallTimeoutMs / MS_PER_SECOND),
  ECOLINK_BODY_PATIENCE_SECONDS: seconds.default(ROUTER_LIMITS.bodyPatienceMs / MS_PER_SECOND),
  /** 0: a body may come as slowly as it likes. */
  ECOLINK_BODY_SLOWEST_BYTES_PER_SECOND: z.coerce.number().int().min(0).default(ROUTER_LIMITS.bodySlowestBytesPerSecond),
  ECOLINK_JOURNAL_QUOTA_BYTES: z.coerce.number().int().min(65_536).default(ROUTER_LIMITS.journalQuotaBytes),
  ECOLINK_BODIES_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(4 * ROUTER_LIMITS.bodyBytesMax)
    .default(ROUTER_LIMITS.bodiesBytesMax),
  /** Commas between them; empty for none. */
  ECOLINK_CORS_ORIGINS: z
    .string()
    .default(ROUTER_LIMITS.browserOrigins.join(','))
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .transform((origins) => origins.filter((origin) => origin !== ''))
    .refine((origins) => origins.every((origin) => origin === '*' || isOrigin(origin)), {
      message: 'must be origins such as https://app.example.com, with commas between them, or *',
    }),
  ECOLINK_STATE_MAX_AGE_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(ROUTER_LIMITS.stateAgeMaxMs / MS_PER_SECOND),
};

/** Every name that a router reads from its environment. */
const environment = z
  .object({
    ...SERVICE_VARIABLES,
    ...limitVariables,
    ...proxyVariables,
    /** Names the journal; a router that comes back under its name goes on with it. */
    ECOLINK_ROUTER_ID: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores'),
    ECOLINK_ADMIN_HOST: z.string().min(1).default('127.0.0.1'),
    ECOLINK_ADMIN_PORT: port.default(0),
    ECOLINK_DATA_DIR: z.string().min(1),
    ECOLINK_JOURNAL_DIR: z.string().min(1).optional(),
    ECOLINK_AUTH_BILLING_URL: z.url(),
    ECOLINK_REGISTRY_URL: z.url(),
    ECOLINK_HEALTH_CHECKER_URL: z.url(),
    DATABASE_URL: z.string().min(1).optional(),
    REDIS_URL: z.string().min(1).optional(),
    /** Processes of this router, each a router to the others: so many cores are used. */
    ROUTER_WORKERS: z.coerce.number().int().min(1).max(64).default(1),
    [WORKER_VARIABLE]: z.coerce.number().int().min(1).optional(),
  })
  .refine(({ ROUTER_WORKERS: workers, REDIS_URL: redisUrl }) => workers === 1 || redisUrl !== undefined, {
    path: ['ROUTER_WORKERS'],
    message: 'more than 1 needs REDIS_URL, where they hear of each other',
  });

export interface RouterEnvironment {
  readonly config: RouterConfig;
  readonly databaseUrl: string | undefined;
  readonly kafkaBrokers: string | undefined;
  readonly workers: number;
}

/** Reads the environment; a missing or wrong value stops the start with its name. */
export function readRouterEnvironment(variables: NodeJS.ProcessEnv): RouterEnvironment {
  const read = readEnvironment(environment, variables);
  const worker = read[WORKER_VARIABLE];
  const own = worker === undefined ? read.ECOLINK_DATA_DIR : path.join(read.ECOLINK_DATA_DIR, `worker-${worker}`);
  return {
    workers: read.ROUTER_WORKERS,
    databaseUrl: read.DATABASE_URL,
    kafkaBrokers: read.KAFKA_BROKERS,
    config: {
      routerId: worker === undefined ? read.ECOLINK_ROUTER_ID : `${read.ECOLINK_ROUTER_ID}-w${worker}`,
      host: read.ECOLINK_HOST,
      port: read.ECOLINK_PORT,
      adminHost: read.ECOLINK_ADMIN_HOST,
      adminPort: read.ECOLINK_ADMIN_PORT,
      dataDirectory: own,
      // One for all workers, also where there are fewer of them than there were.
      journalDirectory: read.ECOLINK_JOURNAL_DIR ?? path.join(read.ECOLINK_DATA_DIR, 'journal'),
      internalSecret: read.ECOLINK_INTERNAL_SECRET,
      authBillingUrl: read.ECOLINK_AUTH_BILLING_URL,
      instanceRegistryUrl: read.ECOLINK_REGISTRY_URL,
      healthCheckerUrl: read.ECOLINK_HEALTH_CHECKER_URL,
      redisUrl: read.REDIS_URL,
      trustedProxies: read.ECOLINK_TRUSTED_PROXIES,
      limits: limitsOf(read),
    },
  };
}

/** Only the limits, for a router that is told the rest in another way. */
export function readRouterLimits(variables: NodeJS.ProcessEnv): RouterLimits {
  return limitsOf(readEnvironment(z.object(limitVariables), variables));
}

/** Only the proxies, for such a router. */
export function readTrustedProxies(variables: NodeJS.ProcessEnv): readonly IpNetwork[] {
  return readEnvironment(z.object(proxyVariables), variables).ECOLINK_TRUSTED_PROXIES;
}

function limitsOf(read: z.output<z.ZodObject<typeof limitVariables>>): RouterLimits {
  return {
    ...ROUTER_LIMITS,
    firstByteTimeoutMs: read.ECOLINK_FIRST_BYTE_TIMEOUT_SECONDS * MS_PER_SECOND,
    idleTimeoutMs: read.ECOLINK_IDLE_TIMEOUT_SECONDS * MS_PER_SECOND,
    totalTimeoutMs: read.ECOLINK_TOTAL_TIMEOUT_SECONDS * MS_PER_SECOND,
    clientStallTimeoutMs: read.ECOLINK_CLIENT_STALL_TIMEOUT_SECONDS * MS_PER_SECOND,
    bodyPatienceMs: read.ECOLINK_BODY_PATIENCE_SECONDS * MS_PER_SECOND,
    bodySlowestBytesPerSecond: read.ECOLINK_BODY_SLOWEST_BYTES_PER_SECOND,
    journalQuotaBytes: read.ECOLINK_JOURNAL_QUOTA_BYTES,
    bodiesBytesMax: read.ECOLINK_BODIES_MAX_BYTES,
    browserOrigins: read.ECOLINK_CORS_ORIGINS,
    stateAgeMaxMs: read.ECOLINK_STATE_MAX_AGE_SECONDS * MS_PER_SECOND,
  };
}
