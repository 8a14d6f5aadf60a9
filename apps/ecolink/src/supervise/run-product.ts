import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrateDatabase } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { DiskWatch } from '@ecolink/service-kit';
import { z } from 'zod';
import type { StartOptions } from '../options.js';
import { freePort } from '../ports.js';
import { DEMO_REGIONS } from '../seed/demo-data.js';
import { until } from '../seed/product-client.js';
import { type Demo, seedDemo } from '../seed/seed-demo.js';
import { banner } from './banner.js';
import type { RoleConfig } from '../roles/role-config.js';
import type { ChildRole } from './child-role.js';
import { type ControlPlane, startControlPlane } from './control-plane.js';
import { credentialsOf, writeCredentials } from './credentials.js';
import { DatabaseServer } from './database-server.js';
import { logFileOf } from './log-files.js';
import { Progress } from './progress.js';
import type { Shutdown } from './shutdown.js';
import { SecretsFile } from './secrets.js';

const LOOPBACK = '127.0.0.1';
const READY_TIMEOUT_MS = 60_000;

/** Of `/readyz`: why it does not serve yet. */
const readiness = z.object({ reasons: z.array(z.string()) });

type Say = (text: string) => void;

/** Runs the whole product on embedded engines in the opened data directory. Resolves once calls are served; `shutdown` ends it. */
export async function runProduct(options: StartOptions, children: DataPlaneRoles, write: Say, shutdown: Shutdown): Promise<void> {
  const progress = new Progress(write);
  const { say } = progress;
  const secrets = await SecretsFile.open(options.dataDirectory);
  const disk = new DiskWatch(options.dataDirectory, createLogger('ecolink'));
  disk.start();
  shutdown.add('disk watch', () => Promise.resolve(disk.stop()));

  const postgresDirectory = path.join(options.dataDirectory, 'postgres');
  const postgres = await progress.step('starting the database', () => DatabaseServer.start(postgresDirectory, write));
  shutdown.add('database server', () => postgres.stop());
  const applied = await progress.step('bringing the tables up to date', () => migrateDatabase(postgres.url));
  if (applied.length > 0) say(`applied ${applied.length} migrations`);

  const ports = await choosePorts(options);
  const ownPorts: number[] = [...Object.values<number>({ ...ports }), postgres.port];
  const routerUrl = `http://${addressOf(options.host)}:${ports.router}`;
  const waitedFor = new Set<string>();
  const list = (): string => [...waitedFor].join(', ');
  const controlPlaneOptions = {
    databaseUrl: postgres.url,
    publicUrl: options.publicUrl ?? routerUrl,
    secrets: secrets.values,
    podNetworks: options.podNetworks,
    ownPorts,
    ports,
    waitedFor,
  };
  const controlPlane = await progress.step('starting the control plane', () => startControlPlane(controlPlaneOptions), list);
  shutdown.add('control plane', () => controlPlane.close());
  const shared = { options, children, shutdown, databaseUrl: postgres.url, controlPlane, ports, ownPorts, secrets };
  await progress.step('starting router and gateways', () => startDataPlane({ ...shared, waitedFor }), list);

  const gatewayUrls = new Map<string, string>([
    ['mv', `http://${LOOPBACK}:${ports.gatewayMv}`],
    ['ga', `http://${LOOPBACK}:${ports.gatewayGa}`],
  ]);
  const demo = await progress.step('looking after the demo', () => seedDemo(controlPlane, secrets, gatewayUrls, say));
  await waitUntilServed(progress, routerUrl, secrets.values.api_key ?? '', demo);
  say('ready');
  const adminUrl = `http://${addressOf(options.adminHost)}:${ports.routerAdmin}`;
  const credentials = credentialsOf(options.publicUrl ?? routerUrl, adminUrl, secrets.values, demo);
  await writeCredentials(options.dataDirectory, credentials);
  process.stdout.write(banner(credentials, { dataDirectory: options.dataDirectory, showSecrets: process.stdout.isTTY }));
}

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/** How a person on this machine writes a listener's address in a URL. */
function addressOf(host: string): string {
  if (ANY_ADDRESS.has(host)) return LOOPBACK;
  return host.includes(':') ? `[${host}]` : host;
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
    routerAdmin: options.adminPort === 0 ? await freePort(options.adminHost) : options.adminPort,
  };
}

/** The request path's processes. */
export interface DataPlaneRoles {
  readonly gateways: ChildRole;
  readonly router: ChildRole;
}

interface DataPlaneOptions {
  readonly options: StartOptions;
  readonly children: DataPlaneRoles;
  readonly shutdown: Shutdown;
  readonly databaseUrl: string;
  readonly controlPlane: ControlPlane;
  readonly ports: Ports;
  readonly ownPorts: readonly number[];
  readonly secrets: SecretsFile;
  /** Holds the names of parts that have been started and do not serve yet. */
  readonly waitedFor: Set<string>;
}

/** The request path in processes of its own: what the control plane does cannot hold up a call. */
async function startDataPlane(parts: DataPlaneOptions): Promise<void> {
  const { options, databaseUrl, controlPlane, ports, secrets, shutdown } = parts;
  const internalSecret = secrets.values.internal_secret;
  const gatewayPorts: Record<string, number> = { mv: ports.gatewayMv, ga: ports.gatewayGa };
  const gatewaysConfig: RoleConfig = {
    role: 'gateways',
    logFile: logFileOf(options.dataDirectory, 'gateways'),
    databaseUrl,
    internalSecret,
    registryUrl: controlPlane.instanceRegistryUrl,
    gateways: DEMO_REGIONS.map(({ code }) => ({ region: code, port: gatewayPorts[code] ?? 0 })),
    podNetworks: [...options.podNetworks],
    ownPorts: [...parts.ownPorts],
    dataDirectory: options.dataDirectory,
    simulatorMain: fileURLToPath(import.meta.resolve('@ecolink/model-simulator')).replace(/index\.js$/, 'main.js'),
  };
  const routerConfig: RoleConfig = {
    role: 'router',
    logFile: logFileOf(options.dataDirectory, 'router'),
    databaseUrl,
    routerId: 'router-1',
    host: options.host,
    port: ports.router,
    adminHost: options.adminHost,
    adminPort: ports.routerAdmin,
    dataDirectory: options.dataDirectory,
    internalSecret,
    authBillingUrl: controlPlane.authBillingUrl,
    instanceRegistryUrl: controlPlane.instanceRegistryUrl,
    healthCheckerUrl: controlPlane.healthCheckerUrl,
  };
  const { gateways, router } = parts.children;
  // Added in the order of starting, ended in reverse: the router drains first, while its gateways still serve.
  shutdown.add('region gateways', () => gateways.stop());
  shutdown.add('router', () => router.stop());
  const { waitedFor } = parts;
  const start = (role: ChildRole, config: RoleConfig): Promise<unknown> => {
    waitedFor.add(role.role);
    return role.start(config).then(() => waitedFor.delete(role.role));
  };
  await Promise.all([start(gateways, gatewaysConfig), start(router, routerConfig)]);
}

/** The router is ready and knows the demo's running instances: the first call that is pasted succeeds. */
async function waitUntilServed(progress: Progress, routerUrl: string, apiKey: string, demo: Demo): Promise<void> {
  let reasons = 'the router';
  const isReady = async (): Promise<boolean> => {
    const response = await fetch(`${routerUrl}/readyz`);
    const report = readiness.safeParse(await response.json()).data;
    if (report !== undefined) reasons = report.reasons.join(', ');
    return response.ok;
  };
  await progress.step(
    'getting the router ready',
    () => until('getting ready', READY_TIMEOUT_MS, isReady),
    () => reasons,
  );
  const [first] = demo.instances;
  if (first === undefined) return;
  const isServed = async (): Promise<boolean> => {
    const response = await fetch(`${routerUrl}/v1/models`, { headers: { authorization: `Bearer ${apiKey}` } });
    return !response.ok || (await response.text()).includes(`"${first.model}"`) || !(await isExpectedToRun(first));
  };
  await progress.step(
    'starting the demo',
    () => until('starting the demo', READY_TIMEOUT_MS, isServed),
    () => `the pods of ${first.model}`,
  );
}

/** A demo instance that the user has stopped is not waited for. */
function isExpectedToRun(instance: object): Promise<boolean> {
  return Promise.resolve(!('desired_state' in instance) || instance.desired_state === 'running');
}
