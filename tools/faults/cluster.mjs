// The cluster under test, by its command line: what the harness does to it any operator could do.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { oneCall } from './load.mjs';

export const CAUGHT_UP_MS = 30_000;
const WHOLE_MS_MAX = 60_000;
const POLL_MS = 100;

export class Cluster {
  constructor({ node, env, root, directory }) {
    this.directory = directory;
    this.launch = { node, env, main: path.join(root, 'apps/ecolink/dist/cluster-main.js') };
  }

  get credentials() {
    return JSON.parse(readFileSync(path.join(this.directory, 'cluster.json'), 'utf8'));
  }

  /** The edge's line for each call: which routers it asked. */
  get accessLog() {
    return path.join(this.directory, 'edge/access.log');
  }

  up({ port, adminPort }) {
    return this.run('up', '--routers', '3', '--brokers', '3', '--port', port, '--admin-port', adminPort);
  }

  down() {
    return this.run('down');
  }

  run(...args) {
    const { node, env, main } = this.launch;
    return new Promise((resolve, reject) => {
      const child = spawn(node, [main, ...args, '--data-dir', this.directory], { stdio: ['ignore', 2, 2], env, detached: true });
      child.once('error', reject);
      child.once('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`cluster ${args.slice(0, 2).join(' ')} ended with ${code}`)),
      );
    });
  }

  async restartHard(name, env = {}) {
    await this.run('kill', name);
    await this.run('start', name, ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]));
  }

  /** Sends one call to each router and waits until billing has all of them: what came before them is there as well. */
  async timeToCatchUp() {
    const startedAt = Date.now();
    const { credentials } = this;
    const waiting = new Map(credentials.routers.map(({ name, url }) => [name, { url }]));
    while (waiting.size > 0 && Date.now() - startedAt < 2 * CAUGHT_UP_MS) {
      for (const [name, probe] of waiting) if (await this.isPosted(credentials, probe)) waiting.delete(name);
      if (waiting.size > 0) await delay(POLL_MS);
    }
    return Date.now() - startedAt;
  }

  async isPosted(credentials, probe) {
    if (!probe.call?.complete)
      probe.call = await oneCall({ ...credentials, api_base_url: `${probe.url}/v1` }, { stream: false, maxTokens: 1 });
    const answer = await getJson(
      `${rootOf(credentials)}/api/v1/billing/calls?request_id=${probe.call.request_id}`,
      credentials.management_key,
    ).catch(() => undefined);
    return probe.call.complete && answer?.data.length === 1;
  }

  /** Until every pod of the instance that is called is healthy again, as the registry sees it. */
  async timeToBeWhole() {
    const startedAt = Date.now();
    const { credentials } = this;
    const url = `${rootOf(credentials)}/api/v1/instances/${credentials.models[0].split(':').at(-1)}`;
    while (Date.now() - startedAt < WHOLE_MS_MAX) {
      const { deployments = [] } = await getJson(url, credentials.management_key).catch(() => ({}));
      const pods = deployments.flatMap((deployment) => deployment.pods);
      const isEverywhere = deployments.length > 1 && deployments.every((deployment) => deployment.pods.length > 0);
      if (isEverywhere && pods.every((pod) => pod.healthy)) break;
      await delay(2 * POLL_MS);
    }
    return Date.now() - startedAt;
  }

  async credit(amountNanoUsd) {
    const { credentials } = this;
    const response = await fetch(`${credentials.admin_url}/admin/v1/accounts/${credentials.account_id}/credits`, {
      method: 'POST',
      headers: { authorization: `Bearer ${credentials.admin_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ amount_nano_usd: amountNanoUsd, type: 'contract_grant', reason: 'fault run' }),
    });
    if (!response.ok) throw new Error(`credit: ${response.status} ${await response.text()}`);
  }
}

export function rootOf(credentials) {
  return credentials.api_base_url.replace(/\/v1$/, '');
}

export async function getJson(url, token) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
