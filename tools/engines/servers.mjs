import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineNotReadyError } from './errors.mjs';

const POLL_MS = 25;
const LOG_TAIL_LENGTH = 2_000;

/** Below the range that systems take the ports of outgoing connections from: there one may be gone before it is listened on. */
const PORT_LOWEST = 20_000;
const PORT_COUNT = 12_000;
const PORT_TRIES = 200;

/** That many free loopback ports, all different. Somebody may take one before it is used; a start then fails and says so. */
export async function freePorts(count) {
  const ports = new Set();
  for (let attempt = 0; ports.size < count && attempt < PORT_TRIES; attempt += 1) {
    const port = PORT_LOWEST + Math.floor(Math.random() * PORT_COUNT);
    if (await isPortFree(port)) ports.add(port);
  }
  if (ports.size < count) throw new Error(`no ${count} free ports were found from ${PORT_LOWEST} on`);
  return [...ports];
}

export async function isPortFree(port) {
  try {
    const server = await listen(port);
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch {
    return false;
  }
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

export function acceptsConnections(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
    const end = (accepted) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

/** Starts a server that outlives this process; its output goes to `logFile`, its pid to `pidFile`. */
export async function launchServer({ command, args, cwd, env, logFile, pidFile }) {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  await writeFile(pidFile, `${child.pid}\n`);
  return child.pid;
}

/**
 * The pid in `pidFile` if that process lives and is the server that was started from here: its command line names `mark`
 * (a file of its own). A pid that died, or that the system gave to somebody else since, counts as none.
 */
export async function runningPid(pidFile, mark) {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  return Number.isSafeInteger(pid) && pid > 1 && isOurs(pid, mark) ? pid : undefined;
}

export function isOurs(pid, mark) {
  return commandLineOf(pid).includes(mark);
}

/** Empty for a process that is not there or is a zombie. */
function commandLineOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    if (process.platform === 'linux') return '';
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
}

/** Polls until `isReady`; rejects when the server ends before, or the time is over, with the end of its log. */
export async function waitUntilReady({ name, pid, mark, isReady, logFile, timeoutMs }) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await isReady()) return;
    if (!isOurs(pid, mark)) throw new EngineNotReadyError(`${name} ended while it started.${await tailOf(logFile)}`);
    if (Date.now() > deadline)
      throw new EngineNotReadyError(`${name} was not ready in ${timeoutMs / 1_000} s.${await tailOf(logFile)}`);
    await delay(POLL_MS);
  }
}

async function tailOf(logFile) {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return ` ${logFile} ends with:\n${text.slice(-LOG_TAIL_LENGTH)}`;
}

/** Asks the server to stop, and insists when it does not. Touches nothing but a process that is provably ours. */
export async function stopServer({ pidFile, mark, timeoutMs }) {
  const pid = await runningPid(pidFile, mark);
  if (pid !== undefined) {
    signal(pid, 'SIGTERM');
    await waitForEnd(pid, mark, timeoutMs);
    if (isOurs(pid, mark)) signal(pid, 'SIGKILL');
    await waitForEnd(pid, mark, timeoutMs);
  }
  await rm(pidFile, { force: true });
}

export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

export async function waitForEnd(pid, mark, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  while (isOurs(pid, mark) && Date.now() < deadline) await delay(POLL_MS);
}

/** Ports of an earlier run where they are still free, so that clients keep their configuration; else new ones. */
export async function keepOrChoosePorts(file, count) {
  const kept = JSON.parse(await readFile(file, 'utf8').catch(() => '[]'));
  const areFree = kept.length === count && (await Promise.all(kept.map(isPortFree))).every(Boolean);
  const ports = areFree ? kept : await freePorts(count);
  await writeFile(file, JSON.stringify(ports));
  return ports;
}
