// A product of one's own on a data directory that is kept between its starts, as `npm start` runs it.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuMs, processTree } from './processes.mjs';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const RUNNING_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

/** @returns a product that serves calls, and how long that took from the start of its process. */
export async function startOwnProduct(root, directory) {
  const startedAtMs = performance.now();
  const child = spawn(
    process.execPath,
    [path.join(root, 'apps/ecolink/dist/main.js'), '--data-dir', directory, '--port', '0', '--admin-port', '0'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, LOG_LEVEL: 'error', NODE_COMPILE_CACHE: path.join(root, '.tools', 'compile-cache') },
    },
  );
  const file = path.join(directory, 'credentials.json');
  // The product removes the file of an earlier run as soon as it has the directory; until then the old one is there.
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  for (const deadline = startedAtMs + START_TIMEOUT_MS; performance.now() < deadline; await delay(POLL_MS)) {
    if (child.exitCode !== null) throw new Error(`the product ended with ${child.exitCode}`);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text !== '' && text !== before)
      return new OwnProduct(child, directory, JSON.parse(text), performance.now() - startedAtMs);
  }
  child.kill('SIGKILL');
  throw new Error('the product did not start in time');
}

class OwnProduct {
  constructor(child, directory, credentials, startedInMs) {
    Object.assign(this, { child, directory, credentials, startedInMs });
  }

  get origin() {
    return new URL(this.credentials.api_base_url).origin;
  }

  /** Processor time of everything that the product runs, its database server included. */
  cpuMs() {
    const postmaster = path.join(this.directory, 'postgres', 'data', 'postmaster.pid');
    const server = Number(readFileSync(postmaster, 'utf8').split('\n')[0]);
    return cpuMs([...new Set([...processTree(this.child.pid), ...processTree(server)])]);
  }

  /** Share of one core that is used while nothing is asked of the product. */
  async idleShare(seconds) {
    const [cpuBefore, startedAtMs] = [this.cpuMs(), performance.now()];
    await delay(seconds * 1_000);
    return (this.cpuMs() - cpuBefore) / (performance.now() - startedAtMs);
  }

  admin(method, route, body) {
    const { admin_url: url, admin_token: token } = this.credentials;
    return send(`${url}/admin/v1${route}`, token, method, body);
  }

  manage(method, route, body) {
    return send(`${this.origin}/api/v1${route}`, this.credentials.management_key, method, body);
  }

  /** An account without limits and with money, and a priced instance on a model server that runs already. @returns its model's name. */
  async launchPriced(podUrl) {
    const account = this.credentials.account_id;
    await this.admin('PUT', '/plans/bench', { requests_per_minute: 10_000_000 });
    await this.admin('PATCH', `/accounts/${account}`, { plan: 'bench' });
    await this.admin('POST', `/accounts/${account}/credits`, {
      amount_nano_usd: '1000000000000',
      type: 'bonus_grant',
      reason: 'bench',
    });
    const model = await this.manage('POST', '/models', { name: 'bench', category: 'chat', source: { kind: 'external' } });
    const pods = [{ region: 'mv', url: podUrl }];
    const instance = await this.manage('POST', '/instances', { model_id: model.id, pods });
    const prices = { input_nano_usd_per_1m_tokens: '50000000', output_nano_usd_per_1m_tokens: '80000000' };
    await this.admin('PATCH', `/instances/${instance.id}`, { prices });
    await this.untilServed(instance.model);
    return instance.model;
  }

  async untilServed(model) {
    for (const deadline = performance.now() + RUNNING_TIMEOUT_MS; performance.now() < deadline; await delay(100)) {
      const { data } = await send(`${this.origin}/v1/models`, this.credentials.api_key, 'GET');
      if (data.some(({ id }) => id === model)) return;
    }
    throw new Error(`${model} was not served in time`);
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGINT');
    const late = delay(STOP_TIMEOUT_MS, 'late', { ref: false });
    if ((await Promise.race([ended, late])) === 'late') {
      this.child.kill('SIGKILL');
      throw new Error('the product did not stop in time');
    }
  }
}

async function send(url, token, method, body) {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
