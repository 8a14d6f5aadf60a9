import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrateDatabase, startEmbeddedPostgres } from '@ecolink/database';
import pg from 'pg';

export interface TestDatabase {
  readonly url: string;
  close(): Promise<void>;
}

const DIRECTORY =
  process.env['ECOLINK_TEST_POSTGRES_DIR'] ?? path.join(tmpdir(), `ecolink-test-postgres-${process.getuid?.() ?? 0}`);
const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));
const TEMPLATE_PREFIX = 'migrated_';
const LOCK_STALE_MS = 120_000;
const LOCK_TIMEOUT_MS = 150_000;
const LOCK_POLL_MS = 50;

/**
 * A fresh, migrated database on a real PostgreSQL that all test files of a run share. The first to ask starts the server and
 * migrates a template, of which every database is a copy. `npm test` ends the server with the run; test files that are run
 * without it leave it up for the next.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const server = await underLock(async () => {
    const started = await startEmbeddedPostgres({ directory: DIRECTORY, settings: { fsync: 'off', max_connections: '300' } });
    const template = await migratedTemplate(started.url);
    await administrate(started.url, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
    return started;
  });
  return {
    url: databaseUrl(server.url, name),
    close: async () => {
      await administrate(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** The name of a database to which the migrations of this checkout were applied. Where it is missing it is made, and replaces others. */
async function migratedTemplate(serverUrl: string): Promise<string> {
  const template = `${TEMPLATE_PREFIX}${await fingerprintOfMigrations()}`;
  const { rows } = await administrate(
    serverUrl,
    `SELECT datname FROM pg_database WHERE starts_with(datname, '${TEMPLATE_PREFIX}')`,
  );
  if (rows.some(({ datname }) => datname === template)) return template;
  for (const { datname } of rows) await administrate(serverUrl, `DROP DATABASE ${datname}`);
  const unfinished = `un${template}`;
  await administrate(serverUrl, `DROP DATABASE IF EXISTS ${unfinished}`);
  await administrate(serverUrl, `CREATE DATABASE ${unfinished}`);
  await migrateDatabase(databaseUrl(serverUrl, unfinished));
  await administrate(serverUrl, `ALTER DATABASE ${unfinished} RENAME TO ${template}`);
  return template;
}

async function fingerprintOfMigrations(): Promise<string> {
  const files = (await readdir(MIGRATIONS, { recursive: true })).filter((name) => name.endsWith('.sql')).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(await readFile(path.join(MIGRATIONS, file)));
  return hash.digest('hex').slice(0, 16);
}

function databaseUrl(serverUrl: string, name: string): string {
  return serverUrl.replace(/\/[^/]*$/, `/${name}`);
}

async function administrate(url: string, statement: string): Promise<pg.QueryResult<{ datname: string }>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Test files run in several processes; only one may start the server. */
async function underLock<T>(run: () => Promise<T>): Promise<T> {
  await mkdir(DIRECTORY, { recursive: true, mode: 0o700 });
  const lock = path.join(DIRECTORY, 'start.lock');
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    const file = await open(lock, 'wx').catch(() => undefined);
    if (file !== undefined) {
      await file.writeFile(String(process.pid));
      await file.close();
      break;
    }
    if (await isStale(lock)) await rm(lock, { force: true });
    if (Date.now() > deadline) throw new Error(`another test run has held ${lock} for too long`);
    await delay(LOCK_POLL_MS);
  }
  try {
    return await run();
  } finally {
    await rm(lock, { force: true });
  }
}

async function isStale(lock: string): Promise<boolean> {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (pid > 0) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
  }
  const information = await stat(lock).catch(() => undefined);
  return information !== undefined && Date.now() - information.mtimeMs > LOCK_STALE_MS;
}
