import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AccountState,
  type GatewayDeployment,
  type InstanceHealth,
  type InstanceRecord,
  type KeyState,
  type PlatformModelRecord,
  type PriceState,
  PROJECTIONS,
  type RegionRecord,
  TOPIC,
  type UsageRecorded,
} from '@ecolink/contracts';
import type { EventBus, TailOptions } from '@ecolink/messaging';

/** What a data plane is told, by kind. Versions are given by the control plane. */
export interface ControlPlaneItems {
  readonly keys: KeyState;
  readonly accounts: AccountState;
  readonly prices: PriceState;
  readonly instances: InstanceRecord;
  readonly platformModels: PlatformModelRecord;
  readonly regions: RegionRecord;
  readonly health: InstanceHealth;
}

type Kind = keyof ControlPlaneItems;

const TOPICS: Readonly<Record<Kind, string>> = {
  keys: TOPIC.keyChanged,
  accounts: TOPIC.accountChanged,
  prices: TOPIC.priceChanged,
  instances: TOPIC.instanceChanged,
  platformModels: TOPIC.modelChanged,
  regions: TOPIC.regionChanged,
  health: TOPIC.instanceHealthChanged,
};

/** Stands for every owner of state and for the bus, so that a router can run alone: snapshots by HTTP, changes as pushes. */
export interface ControlPlane {
  readonly url: string;
  readonly bus: EventBus;
  /** Usage that was published, in order. */
  readonly usage: readonly UsageRecorded[];
  /** Adds a thing or replaces it; whoever listens is told at once. */
  put<K extends Kind>(kind: K, item: Omit<ControlPlaneItems[K], 'version'>): void;
  /** The health that was put last for an instance. */
  latestHealth(instanceId: number): InstanceHealth | undefined;
  /** What a region's gateway is told to run; for gateways that start afterwards. */
  deploy(region: string, deployment: Omit<GatewayDeployment, 'version'>): void;
  /** Adds an account with credit, and gives a key of it. */
  addCaller(accountId: string): string;
  close(): Promise<void>;
}

const DEPLOYMENTS_PATTERN = /^\/internal\/gateways\/([^/]+)\/deployments$/;
const RICH_NANO_USD = '1000000000000000';

export async function startControlPlane(): Promise<ControlPlane> {
  const items: Record<Kind, unknown[]> = {
    keys: [],
    accounts: [],
    prices: [],
    instances: [],
    platformModels: [],
    regions: [],
    health: [],
  };
  const tails = new Set<TailOptions>();
  const usage: UsageRecorded[] = [];
  const deployments = new Map<string, unknown[]>();
  let version = 0;
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    const kind = (Object.keys(PROJECTIONS) as Kind[]).find((one) => PROJECTIONS[one] === path);
    const region = DEPLOYMENTS_PATTERN.exec(path ?? '')?.[1];
    const found = kind === undefined ? (deployments.get(region ?? '') ?? []) : items[kind];
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ items: found, cursor: '0', next: null }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const put: ControlPlane['put'] = (kind, item) => {
    const data = { ...item, version: (version += 1) };
    items[kind].push(data);
    const event = { id: `evt_${version}`, source: 'test', occurredAt: new Date(), partition: 0, position: String(version) };
    const topic = TOPICS[kind];
    for (const tail of tails) {
      if (tail.topics.includes(topic))
        void tail.handle({ topic, partition: 0, events: [{ ...event, topic, key: 'test', data }] });
    }
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bus: busOf(tails, usage),
    usage,
    put,
    latestHealth: (instanceId) => (items.health as InstanceHealth[]).findLast((item) => item.instance_id === instanceId),
    deploy: (region, deployment) => {
      const known = deployments.get(region) ?? [];
      deployments.set(region, [...known, { ...deployment, version: (version += 1) }]);
    },
    addCaller: (accountId) => {
      const plan = { name: 'test', requests_per_minute: 10_000_000, tokens_per_minute: null, concurrent_requests: null };
      put('accounts', {
        account_id: accountId,
        status: 'active',
        plan,
        balance_nano_usd: RICH_NANO_USD,
        held_nano_usd: '0',
        posted_positions: {},
      });
      const text = `eco_${accountId}`;
      put('keys', {
        key_hash: createHash('sha256').update(text).digest('hex'),
        key_id: `key_${accountId}`,
        account_id: accountId,
        status: 'active',
        scopes: ['inference'],
        source_tag: null,
        expires_at: null,
      });
      return text;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function busOf(tails: Set<TailOptions>, usage: UsageRecorded[]): EventBus {
  const progress = () => ({ lag: 0, lastProgressAtMs: Date.now() });
  return {
    engine: 'embedded',
    publish: async (events) => {
      for (const event of events) if (event.topic === TOPIC.usageRecorded) usage.push(event.data as UsageRecorded);
    },
    tail: async (options) => {
      tails.add(options);
      return { progress, close: async () => void tails.delete(options) };
    },
    consume: () => Promise.reject(new Error('not part of this bus')),
    read: () => Promise.reject(new Error('not part of this bus')),
    close: async () => undefined,
  };
}
