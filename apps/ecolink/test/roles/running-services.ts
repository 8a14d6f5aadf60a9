import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBus } from '@ecolink/messaging';
import { ROUTER_LIMITS, startRouter } from '@ecolink/router';
import { createTestDatabase } from '@ecolink/testing';
import { freePort } from '../../src/ports.js';
import { startControlPlane } from '../../src/supervise/control-plane.js';

export interface RunningServices {
  readonly url: string;
  readonly adminUrl: string;
  readonly adminToken: string;
  close(): Promise<void>;
}

/** Auth/billing, the registry, the health checker and a router in front of them, over one fresh database. */
export async function startServices(): Promise<RunningServices> {
  const database = await createTestDatabase();
  const directory = await mkdtemp(path.join(tmpdir(), 'ecolink-roles-'));
  const adminToken = randomBytes(16).toString('hex');
  const internalSecret = randomBytes(16).toString('hex');
  const controlPlane = await startControlPlane({
    databaseUrl: database.url,
    publicUrl: 'http://localhost:8080',
    secrets: {
      internal_secret: internalSecret,
      admin_token: adminToken,
      encryption_key: randomBytes(32).toString('hex'),
      demo_password: '',
      seeded: false,
    },
    podNetworks: [],
    ownPorts: [],
    ports: { authBilling: await freePort(), instanceRegistry: await freePort(), healthChecker: await freePort() },
  });
  const bus = createBus({ clientId: 'router', databaseUrl: database.url });
  const router = await startRouter(
    {
      ...controlPlane,
      routerId: 'roles',
      host: '127.0.0.1',
      port: 0,
      adminHost: '127.0.0.1',
      adminPort: 0,
      dataDirectory: directory,
      internalSecret,
      limits: ROUTER_LIMITS,
    },
    bus,
  );
  return {
    url: router.url,
    adminUrl: router.adminUrl,
    adminToken,
    close: async () => {
      (router.app.getHttpServer() as Server).closeAllConnections();
      await router.close();
      await bus.close();
      await controlPlane.close();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
