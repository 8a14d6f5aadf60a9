import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { ensureProgram } from './programs.mjs';
import { keepOrChoosePorts, launchServer, runningPid, stopServer, waitUntilReady } from './servers.mjs';

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts a Redis of our own on a free loopback port with its data in `dataDir`, or uses on the one that still runs from an
 * earlier call. A server that the system runs on 6379 is never touched. It outlives this process until `stop()`.
 */
export async function startRedis({ dataDir, secured, log = () => undefined }) {
  const server = serverOf(path.resolve(dataDir));
  await mkdir(server.directory, { recursive: true });
  let pid = await runningPid(server.pidFile, server.configuration);
  const [port, securedPort] =
    pid === undefined ? await keepOrChoosePorts(server.portsFile, 2) : JSON.parse(await readFile(server.portsFile, 'utf8'));
  if (pid === undefined) {
    const command = await ensureProgram('redis-server', ['redis-server'], log);
    await writeFile(server.configuration, configurationOf(server, port, secured && { ...secured, port: securedPort }), {
      mode: 0o600,
    });
    pid = await launchServer({
      command,
      args: [server.configuration],
      cwd: server.directory,
      logFile: server.logFile,
      pidFile: server.pidFile,
    });
  }
  const isReady = () => answersPing(port);
  await waitUntilReady({
    name: 'Redis',
    pid,
    mark: server.configuration,
    isReady,
    logFile: server.logFile,
    timeoutMs: START_TIMEOUT_MS,
  });
  const securedUrl = secured && `rediss://:${encodeURIComponent(secured.password)}@127.0.0.1:${securedPort}`;
  return { pid, port, url: `redis://127.0.0.1:${port}`, securedUrl, stop: () => stopRedis({ dataDir }) };
}

export async function stopRedis({ dataDir }) {
  const server = serverOf(path.resolve(dataDir));
  if (existsSync(server.directory))
    await stopServer({ pidFile: server.pidFile, mark: server.configuration, timeoutMs: STOP_TIMEOUT_MS });
}

function serverOf(directory) {
  return {
    directory,
    configuration: path.join(directory, 'redis.conf'),
    pidFile: path.join(directory, 'pid'),
    portsFile: path.join(directory, 'ports.json'),
    logFile: path.join(directory, 'redis.log'),
  };
}

/** The process keeps its command line (`set-proc-title no`), by which a later stop knows it. */
function configurationOf(server, port, secured) {
  return [
    ...(secured === undefined ? [] : securedListener(secured)),
    'bind 127.0.0.1',
    `port ${port}`,
    `dir "${server.directory}"`,
    'daemonize no',
    'set-proc-title no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    '',
  ].join('\n');
}

/** Beside the plain one, which then wants the password too. */
function securedListener({ port, password, keyFile, certificateFile }) {
  return [
    `tls-port ${port}`,
    `tls-key-file "${keyFile}"`,
    `tls-cert-file "${certificateFile}"`,
    `tls-ca-cert-file "${certificateFile}"`,
    'tls-auth-clients no',
    `requirepass "${password}"`,
  ];
}

/** An open port is not enough: while Redis loads its data it answers with an error. One that wants a password has loaded. */
function answersPing(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => end(/^(\+PONG|-NOAUTH)/.test(data.toString())));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}
