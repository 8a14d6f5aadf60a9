import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assertPortIsFree } from '../ports.js';
import { ProductClient, until } from '../seed/product-client.js';
import { seedDemo } from '../seed/seed-demo.js';
import { credentialsOf } from '../supervise/credentials.js';
import { SecretsFile, writeWhole } from '../supervise/secrets.js';
import type { ClusterOptions } from './cluster-options.js';
import { chooseShape, type ClusterShape, portOf, readShape, REGION_CODES, routerNames } from './cluster-state.js';
import { edgeCommand } from './edge.js';
import { type Engines, startEngines, stopEngines } from './engines.js';
import { ClusterProcesses, type ServiceCommand } from './processes.js';
import { serviceCommands } from './service-commands.js';

export const READY_TIMEOUT_MS = 120_000;
export const DRAIN_TIMEOUT_MS = 140_000;
const POD_NETWORKS_DEFAULT = '127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7';
const HOST = '127.0.0.1';

type Say = (text: string) => void;

/** Starts whatever of the cluster does not run, waits until it serves, and writes `cluster.json`. */
export async function clusterUp(options: ClusterOptions, say: Say): Promise<void> {
  await mkdir(options.dataDirectory, { recursive: true, mode: 0o700 });
  const processes = new ClusterProcesses(options.dataDirectory);
  if ((await processes.pidOf('edge')) === undefined) {
    await assertPortIsFree(options.host, options.port, '--port');
    await assertPortIsFree(options.host, options.adminPort, '--admin-port');
  }
  await rm(path.join(options.dataDirectory, 'cluster.json'), { force: true });
  const shape = await chooseShape(options);
  const secrets = await SecretsFile.open(options.dataDirectory);
  say(`starting Kafka (${shape.brokers} brokers), Redis and PostgreSQL…`);
  const engines = await startEngines(options.dataDirectory, shape.brokers);
  say('creating topics…');
  await ensureTopics(engines);
  say('starting the services…');
  const commands = commandsOf(options.dataDirectory, shape, engines, secrets);
  for (const command of commands) await processes.start(command);
  for (const command of commands) {
    await until(
      `${command.name} getting ready`,
      READY_TIMEOUT_MS,
      async () => (await fetch(`http://${HOST}:${portOf(shape, command.name)}/readyz`)).ok,
    );
  }
  await processes.start(await edgeCommand(options.dataDirectory, shape));

  const url = (name: string): string => `http://${HOST}:${portOf(shape, name)}`;
  const owners = { authBillingUrl: url('auth-billing'), instanceRegistryUrl: url('instance-registry') };
  const demo = await seedDemo(owners, secrets, new Map(REGION_CODES.map((region) => [region, url(`gateway-${region}`)])));
  const publicUrl = `http://${shape.host}:${shape.port}`;
  const customer = new ProductClient(publicUrl, { authorization: `Bearer ${secrets.values.api_key ?? ''}` });
  const [first] = demo.instances;
  await until('starting the demo', READY_TIMEOUT_MS, async () => {
    const { data } = await customer.call<{ data: { id: string }[] }>('GET', '/v1/models');
    return first === undefined || data.some((model) => model.id === first.model);
  });
  const credentials = credentialsOf(publicUrl, `http://${shape.host}:${shape.admin_port}`, secrets.values, demo);
  await writeClusterFile(options.dataDirectory, { ...credentials }, shape, engines, processes);
  say(`the cluster serves on ${publicUrl}; see ${path.join(options.dataDirectory, 'cluster.json')}`);
}

export function commandsOf(dataDirectory: string, shape: ClusterShape, engines: Engines, secrets: SecretsFile): ServiceCommand[] {
  const podNetworks = process.env['ECOLINK_POD_NETWORKS'] ?? POD_NETWORKS_DEFAULT;
  return serviceCommands({ dataDirectory, shape, engines, secrets: secrets.values, podNetworks, settings: process.env });
}

/** Creates topics that are missing; those that are there stay as they are. */
export async function ensureTopics(engines: Engines): Promise<void> {
  const command = fileURLToPath(import.meta.resolve('@ecolink/messaging')).replace(/index\.js$/, 'ensure-topics.js');
  await promisify(execFile)(process.execPath, [command], { env: { ...process.env, KAFKA_BROKERS: engines.kafka.bootstrap } });
}

export async function writeClusterFile(
  dataDirectory: string,
  credentials: Record<string, unknown>,
  shape: ClusterShape,
  engines: Engines,
  processes: ClusterProcesses,
): Promise<void> {
  const entry = async (name: string): Promise<{ name: string; pid: number | undefined; url: string }> => ({
    name,
    pid: await processes.pidOf(name),
    url: `http://${HOST}:${portOf(shape, name)}`,
  });
  const routers = await Promise.all(
    routerNames(shape.routers).map(async (name) => ({
      ...(await entry(name)),
      admin_url: `http://${HOST}:${portOf(shape, `${name}-admin`)}`,
    })),
  );
  const others = ['auth-billing', 'instance-registry', 'health-checker', ...REGION_CODES.map((region) => `gateway-${region}`)];
  const cluster = {
    ...credentials,
    pid: await processes.pidOf('edge'),
    routers,
    services: await Promise.all(others.map(entry)),
    kafka: engines.kafka.brokers.map(({ pid, port }) => ({ pid, port })),
    postgres: { pid: engines.postgres.pid, port: engines.postgres.port },
    redis: { pid: engines.redis.pid, port: engines.redis.port },
  };
  await writeWhole(path.join(dataDirectory, 'cluster.json'), JSON.stringify(cluster, null, 2));
}

/** Stops everything, the edge and the routers first so that calls drain. Leaves no process. */
export async function clusterDown(options: ClusterOptions, say: Say): Promise<void> {
  const processes = new ClusterProcesses(options.dataDirectory);
  const shape = await readShape(options.dataDirectory);
  await processes.stop('edge', 'SIGQUIT', DRAIN_TIMEOUT_MS);
  const routers = routerNames(shape?.routers ?? 0);
  say('draining the routers…');
  await Promise.all(routers.map((name) => processes.stop(name, 'SIGTERM', DRAIN_TIMEOUT_MS)));
  say('stopping the services…');
  await Promise.all(
    [...REGION_CODES.map((region) => `gateway-${region}`), 'health-checker'].map((name) =>
      processes.stop(name, 'SIGTERM', DRAIN_TIMEOUT_MS),
    ),
  );
  for (const name of ['instance-registry', 'auth-billing']) await processes.stop(name, 'SIGTERM', DRAIN_TIMEOUT_MS);
  await stopEngines(options.dataDirectory);
  await rm(path.join(options.dataDirectory, 'cluster.json'), { force: true });
  say('the cluster is down');
}

/** What runs and what does not. Resolves to whether everything does. */
export async function clusterStatus(options: ClusterOptions, print: Say): Promise<boolean> {
  const shape = await readShape(options.dataDirectory);
  if (shape === undefined) {
    print(`there is no cluster in ${options.dataDirectory}`);
    return false;
  }
  const processes = new ClusterProcesses(options.dataDirectory);
  let allRun = true;
  for (const name of [...Object.keys(shape.services).filter((listener) => !listener.endsWith('-admin')), 'edge']) {
    const pid = await processes.pidOf(name);
    allRun &&= pid !== undefined;
    print(`${name.padEnd(20)} ${pid === undefined ? 'not running' : `pid ${pid}, ${await readiness(name, shape)}`}`);
  }
  return allRun;
}

async function readiness(name: string, shape: ClusterShape): Promise<string> {
  if (name === 'edge') return `listening on ${shape.host}:${shape.port}`;
  const response = await fetch(`http://${HOST}:${portOf(shape, name)}/readyz`).catch(() => undefined);
  if (response === undefined) return 'not answering';
  const { reasons, degraded } = (await response.json()) as { reasons: string[]; degraded: string[] };
  const notes = [...reasons, ...degraded];
  return `${response.ok ? 'ready' : 'not ready'}${notes.length === 0 ? '' : `: ${notes.join('; ')}`}`;
}
