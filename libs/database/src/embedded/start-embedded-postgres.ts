import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, openSync, closeSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { asOrdinaryUser, assertCanRun, findPostgresBinaries, type PostgresBinaries } from './binaries.js';

export interface EmbeddedPostgresOptions {
  /** Holds `data/`, `password` and `postgres.log`; made when it is missing. */
  readonly directory: string;
  /** Further settings, e.g. `{ fsync: 'off' }` for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** True when a server of an earlier, killed run was found alive and is used on. */
  readonly adopted: boolean;
  /** False once the server process is gone, whoever ended it. */
  isAlive(): boolean;
  /** Asks the server to end its sessions and stop, and waits for it. */
  stop(): Promise<void>;
}

const USER = 'ecolink';
const DATABASE = 'ecolink';
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 25;
const RELAUNCH_PAUSE_MS = 200;

/**
 * Starts a PostgreSQL server of our own on a free loopback port, with its data under `directory`. The server is a process
 * of its own that outlives a kill -9 of the product; the next start finds it by `postmaster.pid` and uses it on.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = path.resolve(options.directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const password = await readOrCreatePassword(directory);
  const running = await findRunning(directory, password);
  if (running !== undefined) return handle(directory, running, password, true);
  assertCanRun();
  const binaries = await findPostgresBinaries();
  await initialise(binaries, directory);
  const started = await launchUntilReady(binaries, directory, password, options.settings ?? {});
  return handle(directory, started, password, false);
}

/** Stops a server that an earlier run left behind, if there is one. */
export async function stopEmbeddedPostgres(directory: string): Promise<void> {
  const server = await readPostmasterFile(path.resolve(directory));
  if (server !== undefined) await stopServer(path.resolve(directory), server.pid);
}

interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

function handle(directory: string, server: RunningServer, password: string, adopted: boolean): EmbeddedPostgres {
  return {
    url: urlOf(server.port, password),
    ...server,
    adopted,
    isAlive: () => isAlive(server.pid),
    stop: () => stopServer(directory, server.pid),
  };
}

function urlOf(port: number, password: string): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`;
}

async function readOrCreatePassword(directory: string): Promise<string> {
  const file = path.join(directory, 'password');
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  const password = randomBytes(24).toString('hex');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** The server of an earlier run, if its process lives and lets us in. */
async function findRunning(directory: string, password: string): Promise<RunningServer | undefined> {
  const server = await readPostmasterFile(directory);
  if (server === undefined || !isAlive(server.pid)) return undefined;
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline && isAlive(server.pid)) {
    if (await canConnect(server.port, password)) return server;
    await delay(POLL_MS);
  }
  return undefined;
}

async function readPostmasterFile(directory: string): Promise<RunningServer | undefined> {
  const text = await readFile(path.join(directory, 'data', 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  return pid > 0 && port > 0 ? { pid, port } : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A completion mark tells a finished `initdb` from one that was killed half way, which is started over. */
async function initialise(binaries: PostgresBinaries, directory: string): Promise<void> {
  const data = path.join(directory, 'data');
  const mark = path.join(directory, 'initialised');
  if (existsSync(mark)) return;
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { mode: 0o700 });
  const passwordFile = path.join(directory, 'password');
  await chmod(passwordFile, 0o600);
  const { command, args } = asOrdinaryUser(binaries.initdb, [
    ...['-D', data, '-U', USER, '-E', 'UTF8', '--locale=C', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync'],
  ]);
  const result = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  if (result.status !== 0) throw new Error(`initdb failed: ${result.stderr || result.stdout || String(result.error)}`);
  await writeFile(mark, `${new Date().toISOString()}\n`);
}

async function launch(
  binaries: PostgresBinaries,
  directory: string,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<{ ended(): boolean }> {
  const fixed = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '64MB',
    dynamic_shared_memory_type: 'posix',
    // What one product on one machine asks for is in memory: reads need no processes of their own, plans no compiler.
    io_method: 'sync',
    jit: 'off',
    max_logical_replication_workers: '0',
    // A session whose client vanished in the middle of a statement ends instead of holding its locks.
    client_connection_check_interval: '2s',
    ...settings,
  };
  const flags = Object.entries(fixed).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, args } = asOrdinaryUser(binaries.postgres, ['-D', path.join(directory, 'data'), '-p', String(port), ...flags]);
  const log = openSync(path.join(directory, 'postgres.log'), 'a', 0o600);
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env: { ...process.env, LC_ALL: 'C' } });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  let ended = false;
  child.once('exit', () => (ended = true));
  child.unref();
  return { ended: () => ended };
}

/**
 * After a kill -9 the old server's last processes hold its shared memory for a moment, and a new one ends at once: it is
 * started again until the time is over.
 */
async function launchUntilReady(
  binaries: PostgresBinaries,
  directory: string,
  password: string,
  settings: Readonly<Record<string, string>>,
): Promise<RunningServer> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const port = await choosePort(directory);
    const server = await launch(binaries, directory, port, settings);
    while (!server.ended() && Date.now() < deadline) {
      if (await canConnect(port, password)) {
        const running = await readPostmasterFile(directory);
        if (running !== undefined) return running;
      }
      await delay(POLL_MS);
    }
    await delay(RELAUNCH_PAUSE_MS);
  }
  throw new Error(`PostgreSQL did not become ready in ${READY_TIMEOUT_MS / 1000} s; see ${path.join(directory, 'postgres.log')}`);
}

/** Connects, and makes the product's database on the way when it is not there yet. */
async function canConnect(port: number, password: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: urlOf(port, password).replace(/\/[^/]*$/, '/postgres'),
    connectionTimeoutMillis: 2_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function stopServer(directory: string, pid: number): Promise<void> {
  const current = await readPostmasterFile(directory);
  if (current?.pid !== pid || !isAlive(pid)) return;
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid) && Date.now() < deadline) await delay(POLL_MS);
  if (isAlive(pid)) process.kill(pid, 'SIGQUIT');
}

/** The port of the last start where nobody else took it, so that clients of a server that was killed find it again. */
async function choosePort(directory: string): Promise<number> {
  const file = path.join(directory, 'port');
  const last = Number(await readFile(file, 'utf8').catch(() => ''));
  const port = last > 0 ? await freePort(last).catch(() => freePort()) : await freePort();
  // Written only where it changed: a full disk would leave an empty file, and the next start another port.
  if (port !== last) await writeFile(file, `${port}\n`);
  return port;
}

function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
