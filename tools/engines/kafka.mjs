import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { archiveOptions, nodeOf, startBroker } from './kafka-broker.mjs';
import { ensureProgram, runProgram } from './programs.mjs';
import { keepOrChoosePorts, runningPid, signal, stopServer, waitForEnd } from './servers.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const TOOLS_DIRECTORY = path.resolve(HERE, '../../.tools/kafka');
const STOP_TIMEOUT_MS = 20_000;
const KILL_TIMEOUT_MS = 5_000;

/**
 * Brings Kafka's jars to `.tools/kafka` once (Maven, some 30 s), and trains a class-data archive that halves every later
 * start. Returns what starting a broker needs.
 */
export async function installKafka({ log = () => undefined } = {}) {
  const java = await ensureProgram('java', ['openjdk-17-jre-headless'], log);
  const jars = path.join(TOOLS_DIRECTORY, 'jars');
  const pom = await readFile(path.join(HERE, 'kafka/pom.xml'), 'utf8');
  if (!(await isComplete(jars, pom))) await fetchJars(jars, pom, log);
  const installation = { java, jars, archive: path.join(jars, 'classes.jsa') };
  if (!existsSync(installation.archive)) await trainArchive(installation, log);
  return installation;
}

/** The jars carry the description they were fetched by. */
async function isComplete(jars, pom) {
  return (await readFile(path.join(jars, 'pom.xml'), 'utf8').catch(() => '')) === pom;
}

/**
 * Into a folder beside, renamed when complete: an interrupted download leaves nothing that looks finished. Of several that
 * fetch at once the first one's jars stay, since its brokers may run from them already.
 */
async function fetchJars(jars, pom, log) {
  const mvn = await ensureProgram('mvn', ['maven', 'openjdk-17-jre-headless'], log);
  log('fetching Kafka with Maven');
  await mkdir(TOOLS_DIRECTORY, { recursive: true });
  const work = await mkdtemp(path.join(TOOLS_DIRECTORY, 'fetch-'));
  try {
    await copyFile(path.join(HERE, 'kafka/pom.xml'), path.join(work, 'pom.xml'));
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${work}`];
    await runProgram(mvn, ['-q', '-B', '-ntp', ...goal], { cwd: work });
    if (await isComplete(jars, pom)) return;
    await rm(jars, { recursive: true, force: true });
    await rename(work, jars);
  } catch (error) {
    if (!(await isComplete(jars, pom))) throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** One run of a broker that writes down its classes as it ends. Without the archive everything works, only slower. */
async function trainArchive(installation, log) {
  log('training the class-data archive of Kafka');
  const directory = await mkdtemp(path.join(TOOLS_DIRECTORY, 'train-'));
  const fresh = path.join(directory, 'classes.jsa');
  try {
    const cluster = await startBrokers({
      installation,
      dataDir: directory,
      brokers: 1,
      jvm: [`-XX:ArchiveClassesAtExit=${fresh}`],
    });
    await cluster.stop();
    await rename(fresh, installation.archive);
  } catch (error) {
    log(`no class-data archive: ${error.message}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Starts one or three brokers (KRaft, loopback only) with their data under `dataDir`, or uses on those that still run from
 * an earlier call. With `secured` they listen for clients with TLS and SASL as well. They outlive this process; `stop()`, or `stopKafka` in another process, ends them.
 */
export async function startKafka({ dataDir, brokers = 1, secured, log = () => undefined }) {
  const installation = await installKafka({ log });
  return startBrokers({ installation, dataDir: path.resolve(dataDir), brokers, secured, jvm: archiveOptions(installation) });
}

/** Stops every broker that was started on `dataDir`. */
export async function stopKafka({ dataDir }) {
  const nodes = [1, 2, 3].map((id) => nodeOf(path.resolve(dataDir), id));
  await Promise.all(
    nodes.map((node) => stopServer({ pidFile: node.pidFile, mark: node.properties, timeoutMs: STOP_TIMEOUT_MS })),
  );
}

/** The brokers that run on `dataDir`. */
export async function kafkaStatus({ dataDir }) {
  const ports = JSON.parse(await readFile(path.join(dataDir, 'ports.json'), 'utf8').catch(() => '[]'));
  const brokers = [];
  for (const [index, id] of [1, 2, 3].entries()) {
    const node = nodeOf(path.resolve(dataDir), id);
    const pid = await runningPid(node.pidFile, node.properties);
    if (pid !== undefined) brokers.push({ id, pid, port: ports[2 * index] });
  }
  return { brokers };
}

async function startBrokers({ installation, dataDir, brokers, jvm, secured }) {
  if (brokers !== 1 && brokers !== 3) throw new Error('a cluster has one broker or three: two are never a majority');
  const nodes = Array.from({ length: brokers }, (_, index) => nodeOf(dataDir, index + 1));
  await mkdir(dataDir, { recursive: true });
  const running = await Promise.all(nodes.map((node) => runningPid(node.pidFile, node.properties)));
  const ports = running.some((pid) => pid !== undefined)
    ? JSON.parse(await readFile(path.join(dataDir, 'ports.json'), 'utf8'))
    : await keepOrChoosePorts(path.join(dataDir, 'ports.json'), (secured === undefined ? 2 : 3) * brokers);
  const layout = nodes.map((node, index) => ({
    ...node,
    port: ports[2 * index],
    controllerPort: ports[2 * index + 1],
    securedPort: ports[2 * brokers + index],
  }));
  const startOne = (node) => startBroker({ installation, node, layout, dataDir, jvm, secured });
  const pids = await Promise.all(layout.map(startOne));
  return {
    bootstrap: layout.map((node) => `127.0.0.1:${node.port}`).join(','),
    securedBootstrap: secured === undefined ? undefined : layout.map((node) => `127.0.0.1:${node.securedPort}`).join(','),
    brokers: layout.map((node, index) => ({ id: node.id, pid: pids[index], port: node.port })),
    /** kill -9: what a power cut looks like to the others. */
    kill: async (id) => {
      const node = layout[id - 1];
      const pid = await runningPid(node.pidFile, node.properties);
      if (pid === undefined) return;
      signal(pid, 'SIGKILL');
      await waitForEnd(pid, node.properties, KILL_TIMEOUT_MS);
    },
    restart: (id) => startOne(layout[id - 1]),
    stop: () => stopKafka({ dataDir }),
  };
}
