import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installKafka } from '../../../engines/kafka.mjs';
import { freePorts } from '../../../engines/servers.mjs';
import type { ComposeService } from './read-compose.js';

export interface ComposeKafka {
  readonly child: ChildProcess;
  /** `host:port` of the listener for services, and of the one for this machine. */
  readonly internal: string;
  readonly external: string;
}

/** Starts Kafka from the settings of the compose file, on loopback ports and in a folder of its own. It may not be ready yet. */
export async function startComposeKafka(service: ComposeService | undefined, directory: string): Promise<ComposeKafka> {
  const { java, jars } = await installKafka();
  const [internalPort = 0, externalPort = 0, controllerPort = 0] = await freePorts(3);
  const [internal, external] = [`127.0.0.1:${internalPort}`, `localhost:${externalPort}`];
  const here = (value: string): string =>
    value
      .replaceAll('INTERNAL://:19092', `INTERNAL://${internal}`)
      .replaceAll('INTERNAL://kafka:19092', `INTERNAL://${internal}`)
      .replaceAll('EXTERNAL://:9092', `EXTERNAL://127.0.0.1:${externalPort}`)
      .replaceAll('EXTERNAL://localhost:9092', `EXTERNAL://${external}`)
      .replaceAll('localhost:9093', `localhost:${controllerPort}`)
      .replaceAll('/var/lib/kafka/data', path.join(directory, 'data'));
  const { CLUSTER_ID: clusterId, ...environment } = service?.environment ?? {};
  const properties = Object.entries(environment).map(([name, value]) => `${propertyOf(name)}=${here(String(value))}\n`);
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'server.properties');
  writeFileSync(file, properties.join(''));
  const options = ['-Xmx384m', '-cp', `${jars}/*`];
  const format = ['kafka.tools.StorageTool', 'format', '-t', String(clusterId), '-c', file];
  const { status, stdout, stderr } = spawnSync(java, [...options, ...format], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Kafka does not take these settings: ${stdout}${stderr}`);
  const child = spawn(java, [...options, 'kafka.Kafka', file], { stdio: 'ignore', cwd: directory });
  return { child, internal, external };
}

/** The rule of Kafka's image: KAFKA_A_B__C___D → a.b_c-d. */
function propertyOf(variable: string): string {
  const marks: Readonly<Record<string, string>> = { ___: '-', __: '_', _: '.' };
  return variable
    .replace(/^KAFKA_/, '')
    .toLowerCase()
    .replaceAll(/_{1,3}/g, (run) => marks[run] ?? run);
}
