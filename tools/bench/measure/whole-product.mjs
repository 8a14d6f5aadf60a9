// `npm start` as a user runs it, its processes by name, and an instance of one's own with a price.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { commandLine, processTree } from './processes.mjs';

const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 60_000;
const SETTLED_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
export const PRICE_NANO_USD = 1_000n;
const CREDIT_NANO_USD = 1_000_000_000_000n;

export class WholeProduct {
  directory = mkdtempSync(path.join(tmpdir(), 'ecolink-bench-product-'));

  constructor(root) {
    this.root = root;
  }

  /** Resolves once it serves, with the milliseconds that took. */
  async start() {
    const startedAtMs = performance.now();
    this.child = spawn('npm', ['start', '--', '--data-dir', this.directory, '--port', '0', '--admin-port', '0'], {
      cwd: this.root,
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    });
    const file = path.join(this.directory, 'credentials.json');
    await until('npm start', START_TIMEOUT_MS, () => existsSync(file) && this.#ownCredentials(file));
    return performance.now() - startedAtMs;
  }

  async stop() {
    if (this.child === undefined) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    process.kill(-this.child.pid, 'SIGINT');
    const stopped = await Promise.race([ended.then(() => true), delay(STOP_TIMEOUT_MS, false, { ref: false })]);
    if (!stopped) for (const { pid } of this.processes()) killHard(pid);
    this.child = undefined;
  }

  async remove() {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Every process from npm down, and the database server's: `{ pid, name }`. */
  processes() {
    const postmaster = Number(this.#read('postgres', 'data', 'postmaster.pid').split('\n')[0]);
    const database = new Set(postmaster > 0 ? processTree(postmaster) : []);
    const all = new Set([...processTree(this.child.pid), ...database]);
    return [...all].map((pid) => ({ pid, name: database.has(pid) ? 'PostgreSQL' : nameOf(commandLine(pid)) }));
  }

  /** An account without limits whose key calls an external instance at `url` that has a price for each request. */
  async launch(url) {
    await this.#admin('PUT', '/plans/bench', { requests_per_minute: 10_000_000 });
    const account = await this.#admin('POST', '/accounts', { name: 'bench', plan: 'bench' });
    const keyOf = (scope) =>
      this.#admin('POST', `/accounts/${account.id}/api-keys`, { name: scope, scopes: [scope] }).then(({ key }) => key);
    const [key, management] = [await keyOf('inference'), await keyOf('management')];
    await this.#admin('POST', `/accounts/${account.id}/credits`, {
      amount_nano_usd: String(CREDIT_NANO_USD),
      type: 'bonus_grant',
      reason: 'bench',
    });
    const manage = (method, route, body) => send(`${this.origin}/api/v1${route}`, management, method, body);
    const model = await manage('POST', '/models', {
      name: 'bench',
      category: 'chat',
      source: { kind: 'external' },
      served_model_name: 'm',
    });
    const instance = await manage('POST', '/instances', {
      model_id: model.id,
      pods: [{ region: 'mv', url }],
    });
    await this.#admin('PATCH', `/instances/${instance.id}`, { prices: { nano_usd_per_request: String(PRICE_NANO_USD) } });
    this.account = { management, key, model: instance.model };
  }

  /** Nano-USD that the account has paid so far. */
  async paid() {
    const { balance_nano_usd: balance } = await send(`${this.origin}/api/v1/billing`, this.account.management, 'GET');
    return CREDIT_NANO_USD - BigInt(balance);
  }

  /** Waits until the account's instance answers. */
  async untilCallable() {
    const body = { model: this.account.model, messages: [{ role: 'user', content: 'Hello' }] };
    await until('the instance', SETTLED_TIMEOUT_MS, () =>
      send(`${this.origin}/v1/chat/completions`, this.account.key, 'POST', body).then(
        () => true,
        () => false,
      ),
    );
  }

  /** Waits until billing has caught up: what was paid stays the same for a second. */
  async untilSettled() {
    let [last, sinceMs] = [-1n, 0];
    await until('billing', SETTLED_TIMEOUT_MS, async () => {
      const paid = await this.paid();
      if (paid !== last) [last, sinceMs] = [paid, performance.now()];
      return performance.now() - sinceMs > 1_000;
    });
    return last;
  }

  /** From the next start on, PostgreSQL counts statements by their text. */
  async countStatements() {
    await this.#query("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'");
    await this.#query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  }

  async forgetStatements() {
    await this.#query('SELECT pg_stat_statements_reset()');
  }

  /** Those run most often since they were last forgotten, and how many there were in all. */
  async statements(count) {
    const own = "query !~ 'pg_stat_statements'";
    const total = await this.#query(
      `SELECT sum(calls)::int AS calls, sum(total_exec_time) AS ms FROM pg_stat_statements WHERE ${own}`,
    );
    const top = await this.#query(
      `SELECT calls::int, total_exec_time AS ms, query FROM pg_stat_statements WHERE ${own} ORDER BY total_exec_time DESC LIMIT ${count}`,
    );
    return {
      ...total[0],
      top: top.map(({ calls, ms, query }) => ({ calls, ms, text: query.replaceAll(/\s+/g, ' ').slice(0, 110) })),
    };
  }

  #ownCredentials(file) {
    const credentials = JSON.parse(readFileSync(file, 'utf8'));
    // A file that an earlier start left is removed by this one before it writes its own.
    if (!processTree(this.child.pid).includes(credentials.pid)) return false;
    this.credentials = credentials;
    this.origin = credentials.api_base_url.replace(/\/v1$/, '');
    return true;
  }

  #admin(method, route, body) {
    return send(`${this.credentials.admin_url}/admin/v1${route}`, this.credentials.admin_token, method, body);
  }

  async #query(text) {
    const password = this.#read('postgres', 'password').trim();
    const port = this.#read('postgres', 'data', 'postmaster.pid').split('\n')[3];
    const client = new pg.Client({ connectionString: `postgresql://ecolink:${password}@127.0.0.1:${port}/ecolink` });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  #read(...names) {
    const file = path.join(this.directory, ...names);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }
}

function nameOf(words) {
  const line = words.join(' ');
  if (line.includes('model-simulator')) return 'simulated pods';
  const role = words.indexOf('--role');
  if (role !== -1) return words[role + 1] || 'part';
  if (line.includes('ecolink/dist/main.js')) return 'control plane';
  return 'npm and start script';
}

async function send(url, key, method, body) {
  const headers = { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}

async function until(what, timeoutMs, probe) {
  const endsAtMs = performance.now() + timeoutMs;
  while (!(await probe())) {
    if (performance.now() > endsAtMs) throw new Error(`${what} took longer than ${timeoutMs / 1_000} s`);
    await delay(POLL_MS);
  }
}

function killHard(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
