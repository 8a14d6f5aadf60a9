import { startAuthBilling } from '@ecolink/auth-billing';
import { type Database, openDatabase } from '@ecolink/database';
import { startHealthChecker } from '@ecolink/health-checker';
import { startInstanceRegistry } from '@ecolink/instance-registry';
import { createBus } from '@ecolink/messaging';
import type { RunningService } from '@ecolink/service-kit';
import type { Secrets } from './secrets.js';

export interface ControlPlaneOptions {
  readonly databaseUrl: string;
  readonly secrets: Secrets;
  readonly podNetworks: readonly string[];
  readonly ownPorts: readonly number[];
  readonly ports: { readonly authBilling: number; readonly instanceRegistry: number; readonly healthChecker: number };
}

export interface ControlPlane {
  readonly authBillingUrl: string;
  readonly instanceRegistryUrl: string;
  readonly healthCheckerUrl: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const CONNECTIONS_MAX = 10;

/** Auth/billing, the instance registry and the health checker in this process, each with its own connection pool. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { databaseUrl, secrets, ports } = options;
  const bus = createBus({ clientId: 'control-plane', databaseUrl });
  const databases: Database[] = [];
  const database = (): Database => {
    const opened = openDatabase({ url: databaseUrl, connectionsMax: CONNECTIONS_MAX });
    databases.push(opened);
    return opened;
  };
  const common = {
    host: HOST,
    bus,
    internalSecret: secrets.internal_secret,
    adminTokens: new Map([[secrets.admin_token, 'admin']]),
  };
  const authBillingUrl = `http://${HOST}:${ports.authBilling}`;
  const registryUrl = `http://${HOST}:${ports.instanceRegistry}`;
  const services: RunningService[] = await Promise.all([
    startAuthBilling({ ...common, port: ports.authBilling, database: database() }),
    startInstanceRegistry({
      ...common,
      port: ports.instanceRegistry,
      database: database(),
      authBillingUrl,
      podNetworks: options.podNetworks,
      ownPorts: options.ownPorts,
      encryptionKey: Buffer.from(secrets.encryption_key, 'hex'),
    }),
    startHealthChecker({ ...common, port: ports.healthChecker, database: database(), registryUrl }),
  ]);
  return {
    authBillingUrl,
    instanceRegistryUrl: registryUrl,
    healthCheckerUrl: `http://${HOST}:${ports.healthChecker}`,
    close: async () => {
      for (const service of [...services].reverse()) await service.close();
      await bus.close();
      await Promise.all(databases.map((opened) => opened.close()));
    },
  };
}
