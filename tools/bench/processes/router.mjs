// A router with everything on; its bus acknowledges at once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localBus } from './bus.mjs';
import { ready, settings } from './ready.mjs';

const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
process.env.LOG_FILE = path.join(directory, 'router.log');

const { ROUTER_LIMITS, startRouter } = await import('@ecolink/router');
const router = await startRouter(
  {
    routerId: 'bench',
    host: '127.0.0.1',
    port: 0,
    adminHost: '127.0.0.1',
    adminPort: 0,
    dataDirectory: directory,
    internalSecret: settings.secret,
    authBillingUrl: settings.owners,
    instanceRegistryUrl: settings.owners,
    healthCheckerUrl: settings.owners,
    limits: ROUTER_LIMITS,
  },
  localBus(),
);
ready({ port: router.port, adminUrl: router.adminUrl });
