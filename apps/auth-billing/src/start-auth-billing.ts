import { BusStrategy, DeadLetters } from '@ecolink/messaging';
import { type RunningService, startService } from '@ecolink/service-kit';
import { AuthBillingModule, type AuthBillingParts } from './auth-billing.module.js';
import { CONSUMER_GROUP } from './event-source.js';
import type { Clock, Settings } from './injection.js';
import { registerProgress } from './usage/progress.js';

export interface AuthBillingOptions extends Pick<AuthBillingParts, 'database' | 'bus' | 'internalSecret' | 'adminTokens'> {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly clock?: Clock;
  readonly settings?: Partial<Settings>;
}

export const SETTINGS_DEFAULT: Settings = {
  signupBonusNanoUsd: 1_000_000_000n,
  sessionLifetimeMs: 14 * 24 * 60 * 60 * 1000,
  secureCookies: false,
};

/** Boots the service on a migrated database. The caller keeps the database and the bus, and closes them afterwards. */
export async function startAuthBilling(options: AuthBillingOptions): Promise<RunningService> {
  const { host, port, database, bus, internalSecret, adminTokens } = options;
  const deadLetters = new DeadLetters({ databaseUrl: database.url });
  const settings = { ...SETTINGS_DEFAULT, ...options.settings };
  const parts = { database, bus, internalSecret, adminTokens, deadLetters, clock: options.clock ?? (() => new Date()), settings };
  const strategy = new BusStrategy(bus, { group: CONSUMER_GROUP, deadLetters });
  const service = await startService({
    name: 'auth-billing',
    module: AuthBillingModule.of(parts),
    host,
    port,
    strategies: [strategy],
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
