import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { SecretsFile } from '../supervise/secrets.js';
import { until } from '../seed/product-client.js';
import { commandsOf, DRAIN_TIMEOUT_MS, ensureTopics, READY_TIMEOUT_MS, writeClusterFile } from './cluster.js';
import type { ClusterOptions } from './cluster-options.js';
import { type ClusterShape, portOf, readShape } from './cluster-state.js';
import { edgeCommand } from './edge.js';
import { type Engines, startEngines } from './engines.js';
import { ClusterProcesses, type ServiceCommand } from './processes.js';

const OWNERS: ReadonlySet<string> = new Set(['auth-billing', 'instance-registry']);
const ENGINE_NAMES = /^(kafka-[1-3]|postgres|redis)$/;

const clusterFile = z.looseObject({
  kafka: z.array(z.object({ pid: z.int(), port: z.int() })),
  postgres: z.object({ pid: z.int() }),
  redis: z.object({ pid: z.int() }),
});
type ClusterFile = z.infer<typeof clusterFile>;

/** Ends one service by SIGTERM, starts it again on its port and waits until it serves: what a rolling upgrade consists of. */
export async function clusterRestart(options: ClusterOptions): Promise<void> {
  const name = options.service ?? '';
  await pidOf(options, name);
  if (ENGINE_NAMES.test(name)) throw new Error(`${name} is no service of ours: kill it and start it`);
  await new ClusterProcesses(options.dataDirectory).stop(name, name === 'edge' ? 'SIGQUIT' : 'SIGTERM', DRAIN_TIMEOUT_MS);
  // An upgrade begins with them: what a new build publishes has its topics before it starts.
  if (OWNERS.has(name)) await ensureTopics(await enginesOf(options.dataDirectory));
  await clusterStart(options);
  if (name === 'edge') return;
  const url = `http://127.0.0.1:${portOf(await shapeOf(options.dataDirectory), name)}/readyz`;
  await until(`${name} getting ready`, READY_TIMEOUT_MS, async () => (await fetch(url)).ok);
}

/** kill -9 of one service or engine; nothing starts it again but `start` or `up`. */
export async function clusterKill(options: ClusterOptions): Promise<void> {
  const name = options.service ?? '';
  const pid = await pidOf(options, name);
  if (ENGINE_NAMES.test(name)) process.kill(pid, 'SIGKILL');
  else await new ClusterProcesses(options.dataDirectory).stop(name, 'SIGKILL', DRAIN_TIMEOUT_MS);
}

/** Starts one service or engine that does not run, and brings `cluster.json` up to date. */
export async function clusterStart(options: ClusterOptions): Promise<void> {
  const shape = await shapeOf(options.dataDirectory);
  const engines = await startEngines(options.dataDirectory, shape.brokers);
  const processes = new ClusterProcesses(options.dataDirectory);
  if (!ENGINE_NAMES.test(options.service ?? '')) {
    const command = await commandNamed(options, engines);
    await processes.start({ ...command, environment: { ...command.environment, ...options.environment } });
  }
  const cluster = await readClusterFile(options.dataDirectory);
  await writeClusterFile(options.dataDirectory, cluster, shape, engines, processes);
}

/** Stops one service or engine, and what it started, in the middle of whatever it does: it is there and answers nothing. */
export async function clusterPause(options: ClusterOptions): Promise<void> {
  signalTree(await pidOf(options, options.service ?? ''), 'SIGSTOP');
}

/** Lets go on what `pause` stopped. */
export async function clusterResume(options: ClusterOptions): Promise<void> {
  signalTree(await pidOf(options, options.service ?? ''), 'SIGCONT');
}

/** Before `down`: who is paused could not end. */
export async function resumeEngines(options: ClusterOptions): Promise<void> {
  for (const name of ['kafka-1', 'kafka-2', 'kafka-3', 'postgres', 'redis']) {
    const pid = await pidOf(options, name).catch(() => undefined);
    if (pid !== undefined) signalTree(pid, 'SIGCONT');
  }
}

async function pidOf(options: ClusterOptions, name: string): Promise<number> {
  const pid = ENGINE_NAMES.test(name)
    ? enginePid(await readClusterFile(options.dataDirectory), name)
    : await new ClusterProcesses(options.dataDirectory).pidOf(name);
  if (pid === undefined) throw new Error(`the cluster has no ${name} that runs`);
  return pid;
}

/** Parents first: a server that is stopped starts no further process. */
function signalTree(root: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  let pids = [root];
  while (pids.length > 0) {
    for (const pid of pids) signalIfAlive(pid, signal);
    const parents = new Set(pids);
    pids = livingPids().filter((pid) => parents.has(parentOf(pid)));
  }
}

function livingPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return -1;
  }
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function commandNamed(options: ClusterOptions, running?: Engines): Promise<ServiceCommand> {
  const shape = await shapeOf(options.dataDirectory);
  const engines = running ?? (await startEngines(options.dataDirectory, shape.brokers));
  const secrets = await SecretsFile.open(options.dataDirectory);
  const commands = [
    ...commandsOf(options.dataDirectory, shape, engines, secrets),
    await edgeCommand(options.dataDirectory, shape),
  ];
  const command = commands.find((candidate) => candidate.name === options.service);
  if (command !== undefined) return command;
  const names = [...commands.map(({ name }) => name), 'kafka-1', 'postgres', 'redis'];
  throw new Error(`there is no service "${options.service ?? ''}"; there are ${names.join(', ')}`);
}

async function enginesOf(dataDirectory: string): Promise<Engines> {
  return startEngines(dataDirectory, (await shapeOf(dataDirectory)).brokers);
}

async function shapeOf(dataDirectory: string): Promise<ClusterShape> {
  const shape = await readShape(dataDirectory);
  if (shape === undefined) throw new Error(`there is no cluster in ${dataDirectory}`);
  return shape;
}

async function readClusterFile(dataDirectory: string): Promise<ClusterFile> {
  return clusterFile.parse(JSON.parse(await readFile(path.join(dataDirectory, 'cluster.json'), 'utf8')));
}

function enginePid(cluster: ClusterFile, name: string): number | undefined {
  if (name === 'postgres') return cluster.postgres.pid;
  if (name === 'redis') return cluster.redis.pid;
  return cluster.kafka[Number(name.slice('kafka-'.length)) - 1]?.pid;
}
