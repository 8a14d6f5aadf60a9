import { BusStrategy, DeadLetters } from '@ecolink/messaging';
import { type RunningService, startService, StaticSite } from '@ecolink/service-kit';
import { AuthBillingModule, type AuthBillingParts } from './auth-billing.module.js';
import { CONSOLE_DIRECTORY, SITE_MOUNTS } from './console-site.js';
import { CONSUMER_GROUP } from './event-source.js';
import type { Clock, Settings } from './injection.js';
import { registerProgress } from './charges/calls/progress.js';

export interface AuthBillingOptions extends Pick<AuthBillingParts, 'database' | 'bus' | 'internalSecret' | 'adminTokens'> {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly clock?: Clock;
  readonly settings?: Partial<Settings>;
  /** The console's build. Default: where this repository builds it. */
  readonly consoleDirectory?: string;
}

export const SETTINGS_DEFAULT: Settings = {
  stripe: undefined,
  testPayments: false,
  holdPeriodMs: 24 * 60 * 60 * 1000,
  signupBonusNanoUsd: 1_000_000_000n,
  sessionLifetimeMs: 14 * 24 * 60 * 60 * 1000,
  requestLogDays: 30,
  sessionIdleMs: 3 * 24 * 60 * 60 * 1000,
  signupMode: 'invite',
  signupsPerHour: 60,
  publicUrl: 'http://localhost:8080',
  smtpUrl: undefined,
  oidc: undefined,
  mailFrom: 'EcoLink <no-reply@localhost>',
  secureCookies: false,
  podNetworks: [],
  ownPorts: new Set<number>(),
};

/** Boots the service on a migrated database. The caller keeps the database and the bus, and closes them afterwards. */
export async function startAuthBilling(options: AuthBillingOptions): Promise<RunningService> {
  const { host, port, database, bus, internalSecret, adminTokens } = options;
  const deadLetters = new DeadLetters({ databaseUrl: database.url });
  const settings = { ...SETTINGS_DEFAULT, ...options.settings };
  const parts = { database, bus, internalSecret, adminTokens, deadLetters, clock: options.clock ?? (() => new Date()), settings };
  const strategy = new BusStrategy(bus, { group: CONSUMER_GROUP, deadLetters });
  const site = new StaticSite({ directory: options.consoleDirectory ?? CONSOLE_DIRECTORY, mounts: SITE_MOUNTS });
  const service = await startService({
    name: 'auth-billing',
    module: AuthBillingModule.of(parts),
    host,
    port,
    strategies: [strategy],
    requestListener: site.handle,
    keepsRawBody: true,
  });
  registerProgress(service.readiness, strategy);
  return {
    ...service,
    close: async () => {
      await service.close();
      await deadLetters.close();
    },
  };
}
