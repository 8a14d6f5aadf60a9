import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { ConstructorOptions, MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';

const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));
const MIGRATION_LOCK = 7_201_142;

/**
 * Applies what is missing of `prisma/migrations`, in order; a second run changes nothing. Prisma's own schema engine does
 * it, from its WebAssembly build since its native one is a download, so `_prisma_migrations` reads as if the CLI had run.
 * Services that start together take turns by an advisory lock. Returns the names that were applied.
 */
export async function migrateDatabase(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const migrations = await readMigrations();
    if (await isUpToDate(client, migrations)) return [];
    await forgetUnfinished(client);
    return await applyMigrations(client, url, migrations);
  } finally {
    await client.end();
  }
}

/** Saves loading the engine, some 0.2 s of every warm start. */
async function isUpToDate(client: pg.Client, migrations: MigrationList): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists");
  if (rows[0]?.exists !== true) return false;
  const applied = await client.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const names = new Set(applied.rows.map((row) => row.migration_name));
  return migrations.migrationDirectories.every((directory) => names.has(directory.path));
}

/**
 * The engine notes a migration as begun, runs it, and notes its end. Here the script and its end commit together (see
 * `scriptsInOneTransaction`), so one that is begun but not ended was killed before it changed anything: it runs again.
 */
async function forgetUnfinished(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ exists: boolean }>("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists");
  if (rows[0]?.exists === true)
    await client.query('DELETE FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL');
}

/**
 * The adapter splits a script at semicolons, which breaks function bodies, and commits each statement by itself. This runs
 * it whole, in one transaction with the mark of its end.
 */
function scriptsInOneTransaction(client: pg.Client, factory: PrismaPg, opened: { dispose(): Promise<void> }[]): PrismaPg {
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    opened.push(adapter);
    adapter.executeScript = async (script) => {
      await client.query('BEGIN');
      try {
        await client.query(script);
        await client.query(
          'UPDATE _prisma_migrations SET finished_at = now() WHERE finished_at IS NULL AND rolled_back_at IS NULL',
        );
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      }
    };
    return adapter;
  };
  return factory;
}

async function applyMigrations(client: pg.Client, url: string, migrationsList: MigrationList): Promise<readonly string[]> {
  const Engine = await loadSchemaEngine();
  const opened: { dispose(): Promise<void> }[] = [];
  const factory = scriptsInOneTransaction(
    client,
    new PrismaPg({ connectionString: url, max: 2, idleTimeoutMillis: 1_000 }),
    opened,
  );
  const adapterFactory = bindMigrationAwareSqlAdapterFactory(factory);
  const engine = await Engine.new({ datamodels: undefined }, () => undefined, adapterFactory);
  try {
    const result = await engine.applyMigrations({ migrationsList, filters: { externalTables: [], externalEnums: [] } });
    return result.appliedMigrationNames;
  } finally {
    engine.free();
    await Promise.all(opened.map((adapter) => adapter.dispose()));
  }
}

type SchemaEngineClass = {
  new: (options: ConstructorOptions, log: (message: string) => void, adapter: unknown) => Promise<SchemaEngine>;
};

/** The package's own entry imports the `.wasm` file as a module, which Node does not do; this is that entry by hand. */
async function loadSchemaEngine(): Promise<SchemaEngineClass> {
  const bindings = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as unknown as {
    SchemaEngine: SchemaEngineClass;
    __wbg_set_wasm: (exports: WebAssembly.Exports) => void;
  };
  const require = createRequire(import.meta.url);
  const wasmFile = require.resolve('@prisma/schema-engine-wasm').replace('schema_engine.js', 'schema_engine_bg.wasm');
  const module = new WebAssembly.Module(await readFile(wasmFile));
  const instance = new WebAssembly.Instance(module, {
    './schema_engine_bg.js': bindings,
  });
  bindings.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start === 'function') (start as () => void)();
  return bindings.SchemaEngine;
}

async function readMigrations(): Promise<MigrationList> {
  const entries = await readdir(MIGRATIONS_DIRECTORY, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.sort().map(async (name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: await readFile(path.join(MIGRATIONS_DIRECTORY, name, 'migration.sql'), 'utf8') },
      },
    })),
  );
  const lockfile = path.join(MIGRATIONS_DIRECTORY, 'migration_lock.toml');
  return {
    baseDir: MIGRATIONS_DIRECTORY,
    lockfile: { path: 'migration_lock.toml', content: await readFile(lockfile, 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories,
  };
}
