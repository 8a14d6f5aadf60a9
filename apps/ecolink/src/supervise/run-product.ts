import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrateDatabase, stopEmbeddedPostgres } from '@ecolink/database';
import { lockDirectory } from '@ecolink/service-kit';
import type { StartOptions } from '../options.js';
import { assertPortIsFree, freePort } from '../ports.js';
import { DEMO_REGIONS } from '../seed/demo-data.js';
import { until } from '../seed/product-client.js';
import { type Demo, seedDemo } from '../seed/seed-demo.js';
import { banner } from './banner.js';
import { ChildRole } from './child-role.js';
import { type ControlPlane, startControlPlane } from './control-plane.js';
import { credentialsOf, writeCredentials } from './credentials.js';
import { DatabaseServer } from './database-server.js';
import { boundLogFile } from './log-file.js';
import type { Shutdown } from './shutdown.js';
import { SecretsFile } from './secrets.js';

const LOOPBACK = '127.0.0.1';
const READY_TIMEOUT_MS = 60_000;

type Say = (text: string) => void;

/** Runs the whole product on embedded engines. Resolves once calls are served; `shutdown` ends it. */
export async function runProduct(options: StartOptions, mainFile: string, say: Say, shutdown: Shutdown): Promise<void> {
  await assertPortIsFree(options.host, options.port, '--port');
  await assertPortIsFree(options.host, options.adminPort, '--admin-port');
  for (const port of options.gatewayPorts) await assertPortIsFree(LOOPBACK, port, '--gateway-ports');
  await openDataDirectory(options, shutdown);
  const secrets = await SecretsFile.open(options.dataDirectory);

  say('starting the database…');
  const postgres = await DatabaseServer.start(path.join(options.dataDirectory, 'postgres'), say);
  shutdown.add('database server', () => postgres.stop());
  const applied = await migrateDatabase(postgres.url);
  if (applied.length > 0) say(`applied ${applied.length} migrations`);

  say('starting the services…');
  const ports = await choosePorts(options);
  const ownPorts: number[] = [...Object.values<number>({ ...ports }), postgres.port];
  const controlPlane = await startControlPlane({
    databaseUrl: postgres.url,
    secrets: secrets.values,
    podNetworks: options.podNetworks,
    ownPorts,
    ports,
  });
  shutdown.add('control plane', () => controlPlane.close());
  await startDataPlane({ options, mainFile, say, shutdown, databaseUrl: postgres.url, controlPlane, ports, ownPorts, secrets });

  const gatewayUrls = new Map<string, string>([
    ['mv', `http://${LOOPBACK}:${ports.gatewayMv}`],
    ['ga', `http://${LOOPBACK}:${ports.gatewayGa}`],
  ]);
  const demo = await seedDemo(controlPlane, secrets, gatewayUrls);
  const routerUrl = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${ports.router}`;
  await waitUntilServed(routerUrl, secrets.values.api_key ?? '', demo);
  const adminUrl = routerUrl.replace(/:[0-9]+$/, `:${ports.routerAdmin}`);
  const credentials = credentialsOf(options.publicUrl ?? routerUrl, adminUrl, secrets.values, demo);
  await writeCredentials(options.dataDirectory, credentials);
  process.stdout.write(banner(credentials, options.dataDirectory));
}

async function openDataDirectory(options: StartOptions, shutdown: Shutdown): Promise<void> {
  const directory = options.dataDirectory;
  if (options.reset) await emptyDataDirectory(directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unlock = lockDirectory(directory);
  shutdown.add('data directory', () => {
    unlock();
    return Promise.resolve();
  });
  const unbound = boundLogFile(logFileOf(options));
  shutdown.add('log file', () => {
    unbound();
    return Promise.resolve();
  });
  await rm(path.join(directory, 'credentials.json'), { force: true });
}

function logFileOf(options: StartOptions): string {
  return path.join(options.dataDirectory, 'ecolink.log');
}

/** Empties a data directory of ours, and refuses to touch one that holds anything else. */
async function emptyDataDirectory(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  const names = await readdir(directory);
  if (names.length > 0 && !names.includes('secrets.json') && !names.every((name) => name === 'lock' || name === 'ecolink.log')) {
    throw new Error(`${directory} does not look like a data directory of EcoLink, so --reset leaves it alone`);
  }
  const unlock = lockDirectory(directory);
  await stopEmbeddedPostgres(path.join(directory, 'postgres'));
  for (const name of names) await rm(path.join(directory, name), { recursive: true, force: true });
  unlock();
}

interface Ports {
  readonly authBilling: number;
  readonly instanceRegistry: number;
  readonly healthChecker: number;
  readonly gatewayMv: number;
  readonly gatewayGa: number;
  readonly router: number;
  readonly routerAdmin: number;
}

async function choosePorts(options: StartOptions): Promise<Ports> {
  const [mv, ga] = options.gatewayPorts;
  return {
    authBilling: await freePort(),
    instanceRegistry: await freePort(),
    healthChecker: await freePort(),
    gatewayMv: mv === 0 ? await freePort() : mv,
    gatewayGa: ga === 0 ? await freePort() : ga,
    router: options.port === 0 ? await freePort(options.host) : options.port,
    routerAdmin: options.adminPort === 0 ? await freePort(options.host) : options.adminPort,
  };
}

interface DataPlaneOptions {
  readonly options: StartOptions;
  readonly mainFile: string;
  readonly say: Say;
  readonly shutdown: Shutdown;
  readonly databaseUrl: string;
  readonly controlPlane: ControlPlane;
  readonly ports: Ports;
  readonly ownPorts: readonly number[];
  readonly secrets: SecretsFile;
}

/** The request path in processes of its own: what the control plane does cannot hold up a call. */
async function startDataPlane(parts: DataPlaneOptions): Promise<void> {
  const { options, databaseUrl, controlPlane, ports, secrets, shutdown } = parts;
  const internalSecret = secrets.values.internal_secret;
  const onDeath = (role: string, code: number | null, signal: NodeJS.Signals | null): void => {
    parts.say(`the ${role} process ended (${String(signal ?? code)}); starting it again`);
  };
  const logFile = logFileOf(options);
  const gatewayPorts: Record<string, number> = { mv: ports.gatewayMv, ga: ports.gatewayGa };
  const gateways = new ChildRole(
    parts.mainFile,
    {
      role: 'gateways',
      databaseUrl,
      internalSecret,
      registryUrl: controlPlane.instanceRegistryUrl,
      gateways: DEMO_REGIONS.map(({ code }) => ({ region: code, port: gatewayPorts[code] ?? 0 })),
      podNetworks: [...options.podNetworks],
      ownPorts: [...parts.ownPorts],
      simulatorMain: fileURLToPath(import.meta.resolve('@ecolink/model-simulator')).replace(/index\.js$/, 'main.js'),
    },
    logFile,
    onDeath,
  );
  const router = new ChildRole(
    parts.mainFile,
    {
      role: 'router',
      databaseUrl,
      routerId: 'router-1',
      host: options.host,
      port: ports.router,
      adminHost: options.host,
      adminPort: ports.routerAdmin,
      dataDirectory: options.dataDirectory,
      internalSecret,
      authBillingUrl: controlPlane.authBillingUrl,
      instanceRegistryUrl: controlPlane.instanceRegistryUrl,
      healthCheckerUrl: controlPlane.healthCheckerUrl,
    },
    logFile,
    onDeath,
  );
  // Added in the order of starting, ended in reverse: the router drains first, while its gateways still serve.
  shutdown.add('region gateways', () => gateways.stop());
  shutdown.add('router', () => router.stop());
  await Promise.all([gateways.start(), router.start()]);
}

/** The router is ready and knows the demo's running instances: the first call that is pasted succeeds. */
async function waitUntilServed(routerUrl: string, apiKey: string, demo: Demo): Promise<void> {
  await until('getting ready', READY_TIMEOUT_MS, async () => (await fetch(`${routerUrl}/readyz`)).ok);
  const [first] = demo.instances;
  if (first === undefined) return;
  await until('starting the demo', READY_TIMEOUT_MS, async () => {
    const response = await fetch(`${routerUrl}/v1/models`, { headers: { authorization: `Bearer ${apiKey}` } });
    return !response.ok || (await response.text()).includes(`"${first.model}"`) || !(await isExpectedToRun(first));
  });
}

/** A demo instance that the user has stopped is not waited for. */
function isExpectedToRun(instance: object): Promise<boolean> {
  return Promise.resolve(!('desired_state' in instance) || instance.desired_state === 'running');
}
