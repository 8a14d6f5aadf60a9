// Stands for the owners of state: one account that is watched, several that attack, and a platform model for all of them.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { instanceRecord } from '@ecolink/testing';
import { listen, ready, settings } from '../bench/processes/ready.mjs';

const SINCE = '2026-01-01T00:00:00.000Z';
const RICH = '1000000000000000';
const PLAN = { name: 'n', requests_per_minute: 100_000_000, tokens_per_minute: null, concurrent_requests: null };
const { accounts, instances } = settings;

const account = (id) => ({
  version: 1,
  account_id: id,
  status: 'active',
  plan: PLAN,
  balance_nano_usd: RICH,
  held_nano_usd: '0',
  posted_positions: {},
});
const key = (id) => ({
  version: 1,
  key_hash: createHash('sha256').update(`eco_${id}`).digest('hex'),
  key_id: `key_${id}`,
  account_id: id,
  status: 'active',
  scopes: ['inference'],
  source_tag: null,
  expires_at: null,
});
const instance = ({ id, owner }) => ({
  version: 1,
  ...instanceRecord({
    instance_id: id,
    kind: owner === null ? 'platform' : 'own',
    account_id: owner,
    platform_model_id: owner === null ? 'shared' : null,
    model_name: 'm',
  }),
});
const podOf = ({ id }) => ({ pod_id: `pod_${id}`, region: 'mv', healthy: true, reason: null, since: SINCE });
const shared = instances.find(({ owner }) => owner === null);
let gatewayUrl = 'http://127.0.0.1:9';

const projections = {
  keys: () => accounts.map(key),
  accounts: () => accounts.map(account),
  prices: () => [
    { version: 1, target: 'platform:shared', prices: { output_nano_usd_per_1m_tokens: '1000' }, effective_from: SINCE },
  ],
  instances: () => instances.map(instance),
  'platform-models': () => [
    {
      version: 1,
      platform_model_id: 'shared',
      instance_id: shared.id,
      display_name: 'Shared',
      category: 'chat',
      context_length: 8_192,
      status: 'active',
      created_at: SINCE,
    },
  ],
  regions: () => [{ version: 1, region: 'mv', name: 'mv', gateway_url: gatewayUrl, state: 'active' }],
  health: () => instances.map((one) => ({ version: 1, instance_id: one.id, pods: [podOf(one)] })),
};

const deployment = (one) => ({
  version: 1,
  instance_id: one.id,
  kind: one.owner === null ? 'platform' : 'own',
  desired_state: 'running',
  driver: 'external',
  openai_compatible: true,
  custom_api_path: null,
  health_path: null,
  category: 'chat',
  served_model_name: 'm',
  pods: [{ pod_id: `pod_${one.id}`, url: one.url, api_key: null, weight: 1 }],
  replicas: 0,
  image: null,
  args: [],
});

const server = createServer((request, response) => {
  const [path] = request.url.split('?');
  if (request.method === 'PUT') {
    gatewayUrl = decodeURIComponent(path.slice(1));
    return response.end('{}');
  }
  const all = path.includes('/gateways/') ? instances.map(deployment) : (projections[path.split('/').at(-1)]?.() ?? []);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ items: request.url.includes('since=') ? [] : all, cursor: '1', next: null }));
});
ready({ url: `http://127.0.0.1:${await listen(server)}` });
