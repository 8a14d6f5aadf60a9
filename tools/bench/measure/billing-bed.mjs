// Kafka, PostgreSQL and one auth-billing process, for what billing can do.
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HEADER } from '@ecolink/contracts';
import { startEmbeddedPostgres } from '@ecolink/database';
import { ensureTopics } from '@ecolink/messaging';
import pg from 'pg';
import { startKafka } from '../../engines/kafka.mjs';
import { percentile } from './statistics.mjs';
import { PRICED_INSTANCE } from './usage-events.mjs';

const MAIN = fileURLToPath(new URL('../../../apps/auth-billing/dist/main.js', import.meta.url));
const ACCOUNTS = 200;
const ADMIN_TOKEN = 'bench-operator-token';
const SECRET = 'between-the-services-of-a-bench';
const POLL_MS = 50;
const TIMEOUT_MS = 120_000;
const STATEMENT_CHARACTERS = 70;
/** Commit times tell when a balance was there for everybody to read. */
const SETTINGS = {
  shared_preload_libraries: 'pg_stat_statements',
  track_commit_timestamp: 'on',
  // As for any server under load: no checkpoint every few seconds.
  max_wal_size: '4GB',
  // The tables of a round fit into it, as the busy ends of tables do in production.
  shared_buffers: '512MB',
  checkpoint_timeout: '15min',
};
/** What one call leaves: usage, a ledger transaction with both its legs, and the event that announces it. */
const WRITTEN_TABLES = ['usage_events', 'ledger_transactions', 'bus_events'];

export async function startBillingBed() {
  const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-bench-billing-'));
  const kafka = await startKafka({ dataDir: path.join(directory, 'kafka'), brokers: 1 });
  const postgres = await startEmbeddedPostgres({ directory: path.join(directory, 'postgres'), settings: SETTINGS });
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('CREATE EXTENSION pg_stat_statements');
  await ensureTopics({ brokers: kafka.bootstrap });
  return new BillingBed({ directory, kafka, postgres, client });
}

class BillingBed {
  constructor(parts) {
    Object.assign(this, parts);
  }

  get brokers() {
    return this.kafka.bootstrap;
  }

  get postgresPid() {
    return this.postgres.pid;
  }

  /** Resolves with its pid as soon as it is started: what it does before it is ready counts as well. */
  async startAuthBilling() {
    this.port ??= 20_000 + Math.floor(Math.random() * 10_000);
    const log = openSync(path.join(this.directory, 'auth-billing.log'), 'a');
    this.service = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: this.postgres.url,
        KAFKA_BROKERS: this.kafka.bootstrap,
        ECOLINK_INTERNAL_SECRET: SECRET,
        ECOLINK_ADMIN_TOKENS: `bench=${ADMIN_TOKEN}`,
        ECOLINK_HOST: '127.0.0.1',
        ECOLINK_PORT: String(this.port),
      },
    });
    await this.until('auth-billing', async () => (await fetch(`${this.url}/readyz`).catch(() => undefined))?.ok === true);
    return this.service.pid;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async stopAuthBilling() {
    const ended = new Promise((resolve) => this.service.once('exit', resolve));
    this.service.kill('SIGTERM');
    await ended;
  }

  async createAccounts() {
    await this.send('PUT', `/internal/prices/${encodeURIComponent(`instance:${PRICED_INSTANCE}`)}`, {
      prices: { input_nano_usd_per_1m_tokens: '50000000', output_nano_usd_per_1m_tokens: '80000000' },
    });
    const ids = [];
    for (let index = 0; index < ACCOUNTS; index += 1) {
      ids.push((await this.send('POST', '/admin/v1/accounts', { name: `bench ${index}` })).id);
    }
    return ids;
  }

  async send(method, pathname, body) {
    const headers = {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      [HEADER.internalSecret]: SECRET,
      'content-type': 'application/json',
    };
    const response = await fetch(`${this.url}${pathname}`, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${pathname}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  async number(text, values = []) {
    const { rows } = await this.client.query(text, values);
    return Number(Object.values(rows[0])[0]);
  }

  recordedCount() {
    return this.number('SELECT count(*) FROM usage_events');
  }

  untilRecorded(count) {
    return this.until(`${count} calls in the ledger`, async () => (await this.recordedCount()) >= count);
  }

  untilRelayed() {
    return this.until('an empty outbox', async () => (await this.number('SELECT count(*) FROM bus_events')) === 0);
  }

  async until(what, isSo) {
    for (const deadline = Date.now() + TIMEOUT_MS; !(await isSo()); await delay(POLL_MS)) {
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}; see ${this.directory}/auth-billing.log`);
    }
  }

  async forgetStatements() {
    await this.client.query('SELECT pg_stat_statements_reset()');
  }

  /** Those that took most time, the bed's own left out. */
  async statements(count) {
    const { rows } = await this.client.query(
      `SELECT calls::int, total_exec_time AS ms, query FROM pg_stat_statements
       WHERE query !~ 'count\\(\\*\\)|pg_stat_statements' ORDER BY total_exec_time DESC LIMIT $1`,
      [count],
    );
    return rows.map(({ calls, ms, query }) => ({
      calls,
      ms,
      text: query.replaceAll(/\s+/g, ' ').trim().slice(0, STATEMENT_CHARACTERS),
    }));
  }

  /** From the first commit to the last; the first batch marks the start and is not counted. */
  async rateOfLast(count) {
    const { rows } = await this.client.query(
      `SELECT count(*)::int AS events, extract(epoch FROM pg_xact_commit_timestamp(xmin)) AS at
       FROM (SELECT xmin FROM usage_events ORDER BY recorded_at DESC LIMIT $1) AS last GROUP BY xmin ORDER BY at`,
      [count],
    );
    const [first] = rows;
    const seconds = Number(rows.at(-1).at) - Number(first.at);
    return { perSecond: (count - first.events) / seconds, batches: rows.length };
  }

  async delaysOfLast(count) {
    const { rows } = await this.client.query(
      `SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - ended_at) * 1000 AS ms
       FROM usage_events ORDER BY recorded_at DESC LIMIT $1`,
      [count],
    );
    const delays = rows.map(({ ms }) => Number(ms));
    return { p50Ms: percentile(delays, 0.5), p99Ms: percentile(delays, 0.99) };
  }

  /** Writes the last rows of every table that billing writes once more, into tables like them, by nothing but INSERT. */
  async insertBare(count, rowsPerInsert) {
    const tables = [];
    for (const name of WRITTEN_TABLES) tables.push(await this.rowsOf(name, count));
    const startedAtMs = performance.now();
    for (let from = 0; from < count; from += rowsPerInsert) {
      await this.client.query('BEGIN');
      for (const { statement, columns, perCall } of tables) {
        const to = from + rowsPerInsert;
        await this.client.query(
          statement,
          columns.map((values) => values.slice(from * perCall, to * perCall)),
        );
      }
      await this.client.query('COMMIT');
    }
    return (count * 1_000) / (performance.now() - startedAtMs);
  }

  async rowsOf(name, count) {
    const bare = `bare_${name}`;
    await this.client.query(`DROP TABLE IF EXISTS ${bare}`);
    await this.client.query(`CREATE TABLE ${bare} (LIKE ${name} INCLUDING ALL)`);
    const { rows: columns } = await this.client.query(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
       WHERE attrelid = '${name}'::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' ORDER BY attnum`,
    );
    const perCall = name === 'ledger_entries' ? 2 : 1;
    const { rows } = await this.client.query({ text: selectLast(name, columns), values: [count * perCall], rowMode: 'array' });
    const names = columns.map((column) => column.name).join(', ');
    const parameters = columns.map(({ type }, index) => `$${index + 1}::text[]::${type}[]`).join(', ');
    return {
      perCall,
      statement: `INSERT INTO ${bare} (${names}) SELECT * FROM unnest(${parameters})`,
      columns: columns.map((_column, index) => rows.map((row) => row[index])),
    };
  }

  async stop() {
    await this.stopAuthBilling();
    await this.client.end();
    await this.postgres.stop();
    await this.kafka.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The rows as text; the outbox is empty by then, so its rows are made of the ledger's. */
function selectLast(name, columns) {
  if (name !== 'bus_events') {
    const order = name === 'usage_events' ? 'recorded_at' : name === 'ledger_entries' ? 'transaction_id' : 'sequence';
    return `SELECT ${columns.map((column) => `${column.name}::text`).join(', ')} FROM ${name} ORDER BY ${order} DESC LIMIT $1`;
  }
  const values = {
    topic: `'ecolink.ledger.posted.v1'`,
    partition: `'0'`,
    key: 'account_id',
    event_id: `'evt' || substr(id, 4)`,
    source: `'auth-billing'`,
    occurred_at: 'occurred_at::text',
    data: 'row_to_json(ledger_transactions)::text',
  };
  const picked = columns.map((column) => values[column.name] ?? 'created_at::text');
  return `SELECT ${picked.join(', ')} FROM ledger_transactions ORDER BY sequence DESC LIMIT $1`;
}
