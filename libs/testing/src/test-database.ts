import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrateDatabase, startEmbeddedPostgres } from '@ecolink/database';
import pg from 'pg';

export interface TestDatabase {
  readonly url: string;
  close(): Promise<void>;
}

const DIRECTORY =
  process.env['ECOLINK_TEST_POSTGRES_DIR'] ?? path.join(tmpdir(), `ecolink-test-postgres-${process.getuid?.() ?? 0}`);
const LOCK_STALE_MS = 60_000;
const LOCK_TIMEOUT_MS = 90_000;
const LOCK_POLL_MS = 50;

/**
 * A fresh, migrated database on a real PostgreSQL that all test files of a machine share. The first to ask starts the
 * server; it stays up for the next run (the test runner's tear-down, or a restart of the machine, ends it).
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await underLock(() =>
    startEmbeddedPostgres({ directory: DIRECTORY, settings: { fsync: 'off', max_connections: '300' } }),
  );
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administrate(server.url, `CREATE DATABASE ${name}`);
  const url = server.url.replace(/\/[^/]*$/, `/${name}`);
  await migrateDatabase(url);
  return { url, close: () => administrate(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function administrate(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
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
