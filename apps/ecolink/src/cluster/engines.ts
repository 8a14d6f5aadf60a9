import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '@ecolink/database';
import { z } from 'zod';

const ENGINES = fileURLToPath(new URL('../../../../tools/engines/cli.mjs', import.meta.url));
const START_TIMEOUT_MS = 300_000;
const OUTPUT_BYTES_MAX = 1_048_576;
/** As in compose. */
const POSTGRES_SETTINGS = { max_connections: '300', shared_buffers: '512MB', max_wal_size: '4GB' };

const kafkaStarted = z.object({ bootstrap: z.string(), brokers: z.array(z.object({ pid: z.int(), port: z.int() })) });
const redisStarted = z.object({ pid: z.int(), port: z.int(), url: z.string() });

export interface Engines {
  readonly kafka: z.infer<typeof kafkaStarted>;
  readonly redis: z.infer<typeof redisStarted>;
  readonly postgres: { readonly pid: number; readonly port: number; readonly url: string };
}

/** Starts real Kafka, Redis and PostgreSQL on loopback, or uses on those that run. Installs what is missing where it can. */
export async function startEngines(dataDirectory: string, brokers: 1 | 3): Promise<Engines> {
  const [kafka, redis, postgres] = await Promise.all([
    engine(['kafka', 'start', '--data-dir', path.join(dataDirectory, 'kafka'), '--brokers', String(brokers)]),
    engine(['redis', 'start', '--data-dir', path.join(dataDirectory, 'redis')]),
    startEmbeddedPostgres({ directory: path.join(dataDirectory, 'postgres'), settings: POSTGRES_SETTINGS }),
  ]);
  return { kafka: kafkaStarted.parse(kafka), redis: redisStarted.parse(redis), postgres };
}

export async function stopEngines(dataDirectory: string): Promise<void> {
  await engine(['kafka', 'stop', '--data-dir', path.join(dataDirectory, 'kafka')]);
  await engine(['redis', 'stop', '--data-dir', path.join(dataDirectory, 'redis')]);
  await stopEmbeddedPostgres(path.join(dataDirectory, 'postgres'));
}

async function engine(args: readonly string[]): Promise<unknown> {
  const options = { timeout: START_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX };
  const { stdout } = await promisify(execFile)(process.execPath, [ENGINES, ...args], options);
  return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as unknown);
}
