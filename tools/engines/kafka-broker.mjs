import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from './programs.mjs';
import { acceptsConnections, launchServer, runningPid, waitUntilReady } from './servers.mjs';

const LOG_CONFIGURATION = fileURLToPath(new URL('./kafka/log4j2.yaml', import.meta.url));
const START_TIMEOUT_MS = 90_000;
const HEAP = [
  '-Xms128m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  '-Xlog:disable',
  '-Xlog:all=error:stderr',
];

export function archiveOptions({ archive }) {
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [];
}

/** Where the files of broker `id` are. Its properties file is also the mark by which its process is known. */
export function nodeOf(dataDir, id) {
  const directory = path.join(dataDir, `broker-${id}`);
  return {
    id,
    directory,
    properties: path.join(directory, 'server.properties'),
    pidFile: path.join(directory, 'pid'),
    logFile: path.join(directory, 'broker.log'),
  };
}

/** Starts one broker of a cluster, formatting its data the first time, or finds it running. Returns its pid once it accepts connections. */
export async function startBroker({ installation, node, layout, dataDir, jvm, secured }) {
  let pid = await runningPid(node.pidFile, node.properties);
  if (pid === undefined) {
    await mkdir(node.directory, { recursive: true });
    await writeFile(node.properties, propertiesOf(node, layout, secured));
    const isFormatted = existsSync(path.join(node.directory, 'data/meta.properties'));
    if (!isFormatted) await format(installation, node, await clusterId(dataDir));
    const args = [...HEAP, ...jvm, ...javaArguments(installation), 'kafka.Kafka', node.properties];
    pid = await launchServer({
      command: installation.java,
      args,
      cwd: node.directory,
      logFile: node.logFile,
      pidFile: node.pidFile,
    });
  }
  const isReady = () => acceptsConnections(node.port);
  const name = `Kafka broker ${node.id}`;
  await waitUntilReady({ name, pid, mark: node.properties, isReady, logFile: node.logFile, timeoutMs: START_TIMEOUT_MS });
  return pid;
}

async function format(installation, node, id) {
  const tool = ['kafka.tools.StorageTool', 'format', '-t', id, '-c', node.properties, '--ignore-formatted'];
  await runProgram(installation.java, [...HEAP, ...archiveOptions(installation), ...javaArguments(installation), ...tool]);
}

function javaArguments({ jars }) {
  return [`-Dlog4j2.configurationFile=${LOG_CONFIGURATION}`, '-cp', `${jars}/*`];
}

/** Written by a rename, since brokers that start together must all take the same one. */
async function clusterId(dataDir) {
  const file = path.join(dataDir, 'cluster-id');
  clusterIds.set(dataDir, clusterIds.get(dataDir) ?? readOrCreate(file));
  return clusterIds.get(dataDir);
}

const clusterIds = new Map();

async function readOrCreate(file) {
  const existing = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (existing !== '') return existing;
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  await writeFile(`${file}.new`, id);
  await rename(`${file}.new`, file);
  return id;
}

/** Quick detection of a dead broker; three replicas of which two must have every record, where there are three brokers. */
function propertiesOf(node, layout, secured) {
  const replicas = layout.length;
  const inSyncMin = replicas === 3 ? 2 : 1;
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': layout.map((each) => `${each.id}@127.0.0.1:${each.controllerPort}`).join(','),
    listeners: `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.port}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': path.join(node.directory, 'data'),
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSyncMin,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 6,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSyncMin,
    'transaction.state.log.num.partitions': 6,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSyncMin,
    'group.initial.rebalance.delay.ms': 0,
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'controller.quorum.election.timeout.ms': 500,
    'controller.quorum.fetch.timeout.ms': 1_000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.segment.bytes': 67_108_864,
    'log.index.size.max.bytes': 1_048_576,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  };
  return Object.entries({ ...settings, ...(secured === undefined ? {} : securedListener(node, settings, secured)) })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** One more listener, for clients that come with TLS and a password. */
function securedListener(node, settings, { username, password, keyAndCertificateFile }) {
  const own = {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyAndCertificateFile,
    'sasl.enabled.mechanisms': 'PLAIN',
    'plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`,
  };
  return {
    listeners: `${settings.listeners},SECURED://127.0.0.1:${node.securedPort}`,
    'advertised.listeners': `${settings['advertised.listeners']},SECURED://127.0.0.1:${node.securedPort}`,
    'listener.security.protocol.map': `${settings['listener.security.protocol.map']},SECURED:SASL_SSL`,
    ...Object.fromEntries(Object.entries(own).map(([name, value]) => [`listener.name.secured.${name}`, value])),
  };
}
