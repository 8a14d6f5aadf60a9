// The whole product, with as many accounts as its quotas ask for: 3,840 pods to probe, and keys for 10,000 more.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { start } from './processes.mjs';

const MAIN_FILE = fileURLToPath(new URL('../../apps/ecolink/dist/main.js', import.meta.url));
const START_TIMEOUT_MS = 120_000;
const HEALTHY_TIMEOUT_MS = 30_000;
const CREDIT_NANO_USD = '1000000000000';
/** By the default quotas: 256 pods in 50 instances, 100 keys. */
const POD_ACCOUNTS = 15;
const INSTANCES_PER_ACCOUNT = 4;
const PODS_PER_INSTANCE = 64;
const KEY_ACCOUNTS = 100;

export async function startProductBed() {
  const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-neighbours-'));
  const product = await startProduct(directory);
  const { admin, root } = product;
  const pod = await start('bench/processes/pod.mjs', { ports: 1 });
  const pods = await start('bench/processes/pod.mjs', { ports: POD_ACCOUNTS * INSTANCES_PER_ACCOUNT * PODS_PER_INSTANCE });
  const sink = await start('neighbours/sink.mjs', {});
  await admin('PUT', '/plans/neighbours', { requests_per_minute: 1_000_000 });
  const watched = await newAccount(product, 'neighbours');
  const model = await launchAndWait(product, watched, [pod.ready.ports[0]]);
  const keyAccounts = [];
  for (let index = 0; index < KEY_ACCOUNTS; index += 1) keyAccounts.push((await newAccount(product)).management);
  let arePodsLaunched = false;
  return {
    bystander: { origin: root, key: watched.inference, model },
    rateOf: () => Promise.resolve(undefined),
    async attack(attack, load) {
      const wantsPods = attack !== 'management';
      if (load === undefined && wantsPods && !arePodsLaunched) {
        await launchPods(product, pods.ready.ports);
        arePodsLaunched = true;
      }
      const origin = load === undefined ? root : sink.ready.url;
      const keys = attack === 'pods' ? [] : keyAccounts;
      return await start('neighbours/management.mjs', { origin, keys });
    },
    async stop() {
      await Promise.all([pod, pods, sink].map((one) => one.stop()));
      await product.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function startProduct(directory) {
  if (!existsSync(MAIN_FILE)) throw new Error('the product is not built: npm run build');
  const [port, adminPort] = [await freePort(), await freePort()];
  const args = ['--port', port, '--admin-port', adminPort, '--data-dir', directory].map(String);
  // It ends with this process, however this one ends.
  const child = spawn(process.execPath, [MAIN_FILE, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env: { ...process.env, ECOLINK_PARENT_PIPE: '3' },
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const file = path.join(directory, 'credentials.json');
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!existsSync(file) && child.exitCode === null && performance.now() < deadline) await delay(100);
  if (!existsSync(file)) throw new Error('the product did not start');
  const { admin_url: adminUrl, admin_token: token } = JSON.parse(readFileSync(file, 'utf8'));
  const root = `http://127.0.0.1:${port}`;
  return {
    root,
    admin: (method, where, body) => call(`${adminUrl}/admin/v1${where}`, method, token, body),
    manage: (key, method, where, body) => call(`${root}/api/v1${where}`, method, key, body),
    stop: () => (child.kill('SIGINT'), exited),
  };
}

async function call(url, method, key, body) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text.slice(0, 300)}`);
  return text === '' ? undefined : JSON.parse(text);
}

async function newAccount({ admin }, plan) {
  const { id } = await admin('POST', '/accounts', { name: 'neighbours', ...(plan === undefined ? {} : { plan }) });
  const key = async (scope) => (await admin('POST', `/accounts/${id}/api-keys`, { name: scope, scopes: [scope] })).key;
  await admin('POST', `/accounts/${id}/credits`, {
    amount_nano_usd: CREDIT_NANO_USD,
    type: 'admin_correction',
    reason: 'neighbours',
  });
  return { id, inference: await key('inference'), management: await key('management') };
}

async function launch({ manage }, { management }, ports, name) {
  const created = await manage(management, 'POST', '/models', { name, category: 'chat', source: { kind: 'external' } });
  const pods = ports.map((port) => ({ region: 'mv', url: `http://127.0.0.1:${port}` }));
  return await manage(management, 'POST', '/instances', { model_id: created.id, pods });
}

async function launchAndWait(product, account, ports) {
  const { model } = await launch(product, account, ports, 'm');
  const deadline = performance.now() + HEALTHY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const { data } = await call(`${product.root}/v1/models`, 'GET', account.inference);
    if (data.some(({ id }) => id === model)) return model;
    await delay(200);
  }
  throw new Error(`${model} is not served`);
}

async function launchPods(product, ports) {
  for (let account = 0; account < POD_ACCOUNTS; account += 1) {
    const owner = await newAccount(product);
    for (let instance = 0; instance < INSTANCES_PER_ACCOUNT; instance += 1) {
      const first = (account * INSTANCES_PER_ACCOUNT + instance) * PODS_PER_INSTANCE;
      await launch(product, owner, ports.slice(first, first + PODS_PER_INSTANCE), `m${instance}`);
    }
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
