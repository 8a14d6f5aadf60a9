import { readSettings, startAuthBilling } from '@ecolink/auth-billing';
import { openDatabase } from '@ecolink/database';
import { startHealthChecker } from '@ecolink/health-checker';
import { startInstanceRegistry } from '@ecolink/instance-registry';
import { createBus } from '@ecolink/messaging';
import type { RunningService } from '@ecolink/service-kit';
import type { Secrets } from './secrets.js';

export interface ControlPlaneOptions {
  readonly databaseUrl: string;
  /** Where people reach the product. */
  readonly publicUrl: string;
  readonly secrets: Secrets;
  readonly podNetworks: readonly string[];
  readonly ownPorts: readonly number[];
  readonly ports: { readonly authBilling: number; readonly instanceRegistry: number; readonly healthChecker: number };
  /** Holds the names of services that have been started and do not serve yet. */
  readonly waitedFor?: Set<string>;
}

export interface ControlPlane {
  readonly authBillingUrl: string;
  readonly instanceRegistryUrl: string;
  readonly healthCheckerUrl: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Ten for each of the three. */
const CONNECTIONS_MAX = 30;

/**
 * Auth/billing, the instance registry and the health checker in this process. They share one client of the database: each of its own would
 * hold compiled queries and idle connections, and each connection is a process of the server's.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { databaseUrl, secrets, ports } = options;
  const bus = createBus({ clientId: 'control-plane', databaseUrl });
  const database = openDatabase({ url: databaseUrl, connectionsMax: CONNECTIONS_MAX });
  const common = {
    host: HOST,
    bus,
    database,
    internalSecret: secrets.internal_secret,
    adminTokens: new Map([[secrets.admin_token, 'admin']]),
  };
  const authBillingUrl = `http://${HOST}:${ports.authBilling}`;
  const registryUrl = `http://${HOST}:${ports.instanceRegistry}`;
  const waitedFor = options.waitedFor ?? new Set();
  const noted = async (name: string, starting: Promise<RunningService>): Promise<RunningService> => {
    waitedFor.add(name);
    const service = await starting;
    waitedFor.delete(name);
    return service;
  };
  const services: RunningService[] = await Promise.all([
    noted(
      'auth-billing',
      startAuthBilling({
        ...common,
        port: ports.authBilling,
        settings: readSettings({
          ECOLINK_SIGNUP: 'open',
          ECOLINK_TEST_PAYMENTS: '1',
          ECOLINK_PUBLIC_URL: options.publicUrl,
          ...process.env,
          ECOLINK_POD_NETWORKS: options.podNetworks.join(','),
          ECOLINK_OWN_PORTS: options.ownPorts.join(','),
        }),
      }),
    ),
    noted(
      'instance-registry',
      startInstanceRegistry({
        ...common,
        port: ports.instanceRegistry,
        authBillingUrl,
        podNetworks: options.podNetworks,
        ownPorts: options.ownPorts,
        testPodDetails: process.env['ECOLINK_TEST_POD_DETAILS'] !== '0',
        encryptionKey: Buffer.from(secrets.encryption_key, 'hex'),
      }),
    ),
    noted('health-checker', startHealthChecker({ ...common, port: ports.healthChecker, registryUrl })),
  ]);
  return {
    authBillingUrl,
    instanceRegistryUrl: registryUrl,
    healthCheckerUrl: `http://${HOST}:${ports.healthChecker}`,
    close: async () => {
      for (const service of [...services].reverse()) await service.close();
      await bus.close();
      await database.close();
    },
  };
}
