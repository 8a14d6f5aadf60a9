// Stands for every owner of state: answers the projections of a router and the deployments of its gateways, by HTTP.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { listen, ready, settings } from './ready.mjs';

const SINCE = '2026-01-01T00:00:00.000Z';
const RICH_NANO_USD = '1000000000000000';
const DEPLOYMENTS_PATTERN = /^\/internal\/gateways\/([^/]+)\/deployments$/;
const ACCOUNT = 'acc_bench';
const LIMITED_ACCOUNT = 'acc_limited';
/** `direct` instances have a pod where the router expects a gateway: one hop. */
const DIRECT_INSTANCE = 8;
const INSTANCE = 9;
/** Runs in the first region only. */
const ONE_REGION_INSTANCE = 10;
/** From here on one for each strategy that is asked for, in the first region. */
const FIRST_STRATEGY_INSTANCE = 20;
const strategies = settings.strategies ?? [];
const STRATEGY_INSTANCES = strategies.map((_strategy, index) => FIRST_STRATEGY_INSTANCE + index);
const strategyOf = (instanceId) => ({ strategy: strategies[instanceId - FIRST_STRATEGY_INSTANCE] });

function account(accountId, requestsPerMinute) {
  const plan = { name: 'bench', requests_per_minute: requestsPerMinute, tokens_per_minute: null, concurrent_requests: null };
  const money = { balance_nano_usd: RICH_NANO_USD, held_nano_usd: '0', posted_positions: {} };
  return { version: 1, account_id: accountId, status: 'active', plan, ...money };
}

function key(accountId) {
  const keyHash = createHash('sha256').update(`eco_${accountId}`).digest('hex');
  const ids = { key_hash: keyHash, key_id: `key_${accountId}`, account_id: accountId };
  return { version: 1, ...ids, status: 'active', scopes: ['inference'], source_tag: null, expires_at: null };
}

/** A second key of the account, limited in every way and allowed what is measured. */
function limitedKey() {
  const allow = {
    instances: [DIRECT_INSTANCE, INSTANCE, ONE_REGION_INSTANCE],
    models: ['m', 'other/model:7'],
    endpoints: ['/v1/chat/completions', '/v1/embeddings'],
    regions: ['direct', 'mv', 'ga'],
    networks: ['10.0.0.0/8', '2001:db8::/32', '127.0.0.0/8'],
  };
  const keyHash = createHash('sha256').update('eco_narrow').digest('hex');
  return {
    ...key(ACCOUNT),
    key_hash: keyHash,
    key_id: 'key_narrow',
    source_tag: 'bench',
    expires_at: '2099-01-01T00:00:00.000Z',
    allow,
  };
}

function instance(instanceId) {
  return {
    version: 1,
    instance_id: instanceId,
    kind: 'own',
    account_id: ACCOUNT,
    platform_model_id: null,
    model_id: 'mdl_bench',
    model_name: 'm',
    served_model_name: null,
    category: 'chat',
    openai_compatible: true,
    custom_api_path: null,
    inject_stream_usage: true,
    ...strategyOf(instanceId),
    state: 'running',
    desired_state: 'running',
    degraded: false,
    termination_reason: null,
    pinned_region: null,
    deployments: instanceId === DIRECT_INSTANCE ? [{ region: 'direct', pods_desired: 1, ready_replica_seconds: 0 }] : [],
    created_at: SINCE,
  };
}

function price(instanceId) {
  const prices = { input_nano_usd_per_1m_tokens: '100000000', output_nano_usd_per_1m_tokens: '400000000' };
  return { version: 1, target: `instance:${instanceId}`, prices, effective_from: SINCE };
}

const pod = (region, podId) => ({ pod_id: podId, region, healthy: true, reason: null, since: SINCE });
const podIds = (region) => settings.pods[region].map((_url, index) => `pod_${region}_${index}`);
const regionOf = ([region, url]) => ({ version: 1, region, name: region, gateway_url: url, state: 'active' });

const INSTANCES = [DIRECT_INSTANCE, INSTANCE, ONE_REGION_INSTANCE, ...STRATEGY_INSTANCES];
const healthOf = (instanceId, regions) => ({
  version: 1,
  instance_id: instanceId,
  pods: regions.flatMap((region) => podIds(region).map((podId) => pod(region, podId))),
});

let gateways = {};
const projections = {
  keys: () => [key(ACCOUNT), key(LIMITED_ACCOUNT), limitedKey()],
  accounts: () => [account(ACCOUNT, 100_000_000), account(LIMITED_ACCOUNT, 1)],
  prices: () => INSTANCES.map(price),
  instances: () => INSTANCES.map(instance),
  'platform-models': () => [],
  regions: () => Object.entries({ direct: settings.direct, ...gateways }).map(regionOf),
  health: () => [
    { version: 1, instance_id: DIRECT_INSTANCE, pods: [pod('direct', 'pod_direct')] },
    healthOf(INSTANCE, Object.keys(gateways)),
    ...[ONE_REGION_INSTANCE, ...STRATEGY_INSTANCES].map((id) => healthOf(id, Object.keys(gateways).slice(0, 1))),
  ],
};

function deployment(region, instanceId) {
  return {
    version: 1,
    instance_id: instanceId,
    kind: 'own',
    desired_state: 'running',
    driver: 'external',
    openai_compatible: true,
    custom_api_path: null,
    health_path: null,
    ...strategyOf(instanceId),
    category: 'chat',
    served_model_name: 'm',
    pods: settings.pods[region].map((url, index) => ({ pod_id: podIds(region)[index], url, api_key: null, weight: 1 })),
    replicas: 0,
    image: null,
    args: [],
  };
}

const server = createServer((request, response) => {
  const path = request.url.split('?')[0];
  const isFirst = !request.url.includes('since=');
  if (request.method === 'PUT') return takeGateways(request, response);
  const region = DEPLOYMENTS_PATTERN.exec(path)?.[1];
  const name = path.split('/').at(-1);
  const all =
    region === undefined
      ? (projections[name]?.() ?? [])
      : [INSTANCE, ONE_REGION_INSTANCE, ...STRATEGY_INSTANCES].map((id) => deployment(region, id));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ items: isFirst ? all : [], cursor: '1', next: null }));
});

function takeGateways(request, response) {
  let text = '';
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => {
    gateways = JSON.parse(text);
    response.end('{}');
  });
}

ready({ url: `http://127.0.0.1:${await listen(server)}` });
