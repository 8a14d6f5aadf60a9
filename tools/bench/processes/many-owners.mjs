// Stands for every owner of a large product: so many instances and keys, page by page, of which a few change all the time.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { listen, ready, settings } from './ready.mjs';

const { instances, keys, direct, changesPerRefresh } = settings;
const SINCE = '2026-01-01T00:00:00.000Z';
const KEYS_PER_ACCOUNT = 10;
const accounts = Math.ceil(keys / KEYS_PER_ACCOUNT);
const SMALLEST = 1;
let version = SMALLEST;

const accountId = (index) => `acc_bench_${String(index % accounts).padStart(20, '0')}`;

function key(index) {
  const text = `eco_bench_${index}`;
  return {
    version,
    key_hash: createHash('sha256').update(text).digest('hex'),
    key_id: `key_bench_${String(index).padStart(20, '0')}`,
    account_id: accountId(index),
    status: 'active',
    scopes: ['inference'],
    source_tag: null,
    expires_at: null,
  };
}

function account(index) {
  const plan = { name: 'bench', requests_per_minute: 100_000_000, tokens_per_minute: null, concurrent_requests: null };
  const money = { balance_nano_usd: '1000000000000000', held_nano_usd: '0', posted_positions: {} };
  return { version, account_id: accountId(index), status: 'active', plan, ...money };
}

const pod = (podId) => ({ pod_id: podId, region: 'direct', healthy: true, reason: null, since: SINCE });

function instance(index) {
  const own = { kind: 'own', account_id: accountId(index), platform_model_id: null, model_id: `mdl_${index}`, model_name: 'm' };
  const kind = { served_model_name: null, category: 'chat', openai_compatible: true, custom_api_path: null };
  const state = { state: 'running', desired_state: 'running', degraded: false, termination_reason: null, pinned_region: null };
  return {
    version,
    instance_id: index + 1,
    ...own,
    ...kind,
    ...state,
    inject_stream_usage: true,
    deployments: [{ region: 'direct', pods_desired: 1, ready_replica_seconds: 3_600 }],
    created_at: SINCE,
  };
}

const health = (index) => ({ version, instance_id: index + 1, pods: [pod(`pod_${index}`)] });

function price(index) {
  const prices = { input_nano_usd_per_1m_tokens: '100000000', output_nano_usd_per_1m_tokens: '400000000' };
  return { version, target: `instance:${index + 1}`, prices, effective_from: SINCE };
}

const region = () => ({ version, region: 'direct', name: 'direct', gateway_url: direct, state: 'active' });

const projections = {
  keys: [keys, key],
  accounts: [accounts, account],
  prices: [instances, price],
  instances: [instances, instance],
  'platform-models': [0, undefined],
  regions: [1, region],
  health: [instances, health],
};

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://owners');
  const [count, make] = projections[url.pathname.split('/').at(-1)] ?? [0, undefined];
  response.setHeader('content-type', 'application/json');
  if (url.searchParams.has('since')) {
    version += 1;
    const items = Array.from({ length: Math.min(count, changesPerRefresh) }, () => make(Math.floor(Math.random() * count)));
    response.end(JSON.stringify({ items, cursor: '1', next: null }));
    return;
  }
  const from = Number(url.searchParams.get('after') ?? 0);
  const to = Math.min(count, from + Number(url.searchParams.get('limit')));
  const items = Array.from({ length: to - from }, (_unused, index) => make(from + index));
  response.end(JSON.stringify({ items, cursor: '1', next: to < count ? String(to) : null }));
});

ready({ url: `http://127.0.0.1:${await listen(server)}` });
