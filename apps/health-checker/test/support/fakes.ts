import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BusEvent, GatewayPods, RegionRecord } from '@ecolink/contracts';
import type { EventBus, TailOptions } from '@ecolink/messaging';

/** A bus that hands what is published to those who listen, and keeps nothing. */
export function listeningBus(): EventBus & { tell(event: Pick<BusEvent, 'topic' | 'key' | 'data'>): void } {
  const tails = new Set<TailOptions>();
  const tell = (event: Pick<BusEvent, 'topic' | 'key' | 'data'>): void => {
    const delivered = { id: 'evt', source: 'test', occurredAt: new Date(), partition: 0, position: '1', ...event };
    for (const { topics, handle } of tails) {
      if (topics.includes(event.topic)) void handle({ topic: event.topic, partition: 0, events: [delivered] });
    }
  };
  return {
    engine: 'embedded',
    tell,
    publish: async (events) => events.forEach(tell),
    consume: () => Promise.reject(new Error('not part of this bus')),
    read: () => Promise.reject(new Error('not part of this bus')),
    tail: async (options) => {
      tails.add(options);
      return { progress: () => ({ lag: 0, lastProgressAtMs: Date.now() }), close: async () => void tails.delete(options) };
    },
    close: async () => undefined,
  };
}

export interface FakeServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves JSON; `read` gives undefined to leave the caller without an answer. */
export async function serveJson(read: (path: string) => unknown): Promise<FakeServer> {
  const server = createServer((request, response) => {
    const body = read(request.url ?? '');
    if (body !== undefined) response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

export function region(code: string, gatewayUrl: string, overrides: Partial<RegionRecord> = {}): RegionRecord {
  return { version: 1, region: code, name: code, gateway_url: gatewayUrl, state: 'active', ...overrides };
}

export function podsOf(
  code: string,
  pods: { instance_id: number; pod_id: string; healthy?: boolean; reason?: string }[],
  overrides: Partial<GatewayPods> = {},
): GatewayPods {
  const since = '2026-11-23T00:00:00.000Z';
  const probe = { state: 'ready' as const, in_flight: 0, since, last_probe_at: since, last_probe_status: 200 };
  return {
    region: code,
    boot_id: 'boot',
    synchronised: true,
    pods: pods.map((given) => ({ healthy: true, reason: null, ...probe, ...given })),
    ...overrides,
  };
}
