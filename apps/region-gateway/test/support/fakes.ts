import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BusEvent, DeploymentObserved, GatewayDeployment } from '@ecolink/contracts';
import { TOPIC } from '@ecolink/contracts';
import type { EventBus, TailOptions } from '@ecolink/messaging';

export interface ListeningBus extends EventBus {
  readonly published: BusEvent[];
  isDown: boolean;
  tell(event: Pick<BusEvent, 'topic' | 'key' | 'data'>): void;
  observations(instanceId: number): DeploymentObserved[];
}

/** A bus that remembers what is published and hands what it is told to those who listen. */
export function listeningBus(): ListeningBus {
  const tails = new Set<TailOptions>();
  const bus: ListeningBus = {
    engine: 'embedded',
    published: [],
    isDown: false,
    tell: (event) => {
      const delivered = { id: 'evt', source: 'test', occurredAt: new Date(), partition: 0, position: '1', ...event };
      for (const { topics, handle } of tails) {
        if (topics.includes(event.topic)) void handle({ topic: event.topic, partition: 0, events: [delivered] });
      }
    },
    observations: (instanceId) =>
      bus.published
        .filter((event) => event.topic === TOPIC.deploymentObserved && event.key === String(instanceId))
        .map((event) => event.data as DeploymentObserved),
    publish: async (events) => {
      if (bus.isDown) throw new Error('the bus is down');
      bus.published.push(...events);
    },
    consume: () => Promise.reject(new Error('not part of this bus')),
    read: () => Promise.reject(new Error('not part of this bus')),
    tail: async (options) => {
      tails.add(options);
      return { progress: () => ({ lag: 0, lastProgressAtMs: Date.now() }), close: async () => void tails.delete(options) };
    },
    close: async () => undefined,
  };
  return bus;
}

export interface FakeRegistry {
  readonly url: string;
  isDown: boolean;
  put(deployment: GatewayDeployment): void;
  close(): Promise<void>;
}

/** Serves deployments like the registry: all of them, or those changed since a cursor. */
export async function startRegistry(): Promise<FakeRegistry> {
  const changes: { xid: number; deployment: GatewayDeployment }[] = [];
  const server = createServer((request, response) => {
    if (registry.isDown) return void response.destroy();
    const since = Number(new URL(request.url ?? '', 'http://registry').searchParams.get('since') ?? '0');
    const items = changes.filter(({ xid }) => xid >= since).map(({ deployment }) => deployment);
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ items, cursor: String(changes.length), next: null }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry: FakeRegistry = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isDown: false,
    put: (deployment) => void changes.push({ xid: changes.length, deployment }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return registry;
}

export function deployment(overrides: Partial<GatewayDeployment> & { instance_id: number }): GatewayDeployment {
  return {
    version: 1,
    kind: 'own',
    desired_state: 'running',
    driver: 'external',
    openai_compatible: true,
    custom_api_path: null,
    health_path: null,
    category: 'chat',
    served_model_name: 'my-llama',
    pods: [],
    replicas: 0,
    image: null,
    args: [],
    gpu_type: null,
    gpu_count: 0,
    model: null,
    env: {},
    token: null,
    driver_config: {},
    ...overrides,
  };
}

export function externalPod(pod_id: string, url: string, api_key: string | null = null) {
  return { pod_id, url, api_key, weight: 1 };
}
