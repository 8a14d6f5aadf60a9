import { createServer } from 'node:http';
import type { GatewayDeployment, GatewayPods } from '@ecolink/contracts';
import { TOPIC } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { type RegionGatewayConfig, startRegionGateway } from '../src/index.js';
import { closeAll, closedPort, startPod } from './support/data-plane-fixture.js';
import { deployment, externalPod, type FakeRegistry, type ListeningBus, listeningBus, startRegistry } from './support/fakes.js';

const SECRET = 'internal';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await closeAll();
});

interface Started {
  readonly url: string;
  readonly registry: FakeRegistry;
  readonly bus: ListeningBus;
  pods(): Promise<GatewayPods>;
  call(path: string): Promise<Response>;
  change(deployment: GatewayDeployment): void;
  close(): Promise<void>;
}

async function startGateway(deployments: GatewayDeployment[], config: Partial<RegionGatewayConfig> = {}): Promise<Started> {
  const registry = await startRegistry();
  closing.push(() => registry.close());
  for (const each of deployments) registry.put(each);
  const bus = listeningBus();
  const simulated = { simulatorMain: new URL('./support/stub-simulator.mjs', import.meta.url).pathname };
  const common = { host: '127.0.0.1', port: 0, region: 'mv', internalSecret: SECRET, driverConfig: { simulated } };
  const service = await startRegionGateway({ ...common, bus, registryUrl: registry.url, ...config });
  closing.push(() => service.close());
  const headers = { 'x-ecolink-internal-secret': SECRET };
  return {
    url: service.url,
    registry,
    bus,
    pods: async () => (await (await fetch(`${service.url}/pods`, { headers })).json()) as GatewayPods,
    call: (path) => fetch(`${service.url}${path}`, { headers }),
    change: (changed) => {
      registry.put(changed);
      bus.tell({ topic: TOPIC.instanceChanged, key: String(changed.instance_id), data: {} });
    },
    close: () => service.close(),
  };
}

async function podsWhen(
  gateway: Started,
  isSo: (pods: GatewayPods['pods']) => boolean,
  timeoutMs = 3_000,
): Promise<GatewayPods['pods']> {
  return waitFor(
    async () => {
      const { pods } = await gateway.pods();
      return isSo(pods) ? pods : undefined;
    },
    { timeoutMs, what: 'the pods to be so' },
  );
}

const healthyCount = (pods: GatewayPods['pods']) => pods.filter((pod) => pod.healthy).length;

describe('external pods', () => {
  it('are in use, and observed, within 2 s of their first answer', async () => {
    const url = await closedPort();
    const gateway = await startGateway([deployment({ instance_id: 5, pods: [externalPod('pod_a', url, 'key-a')] })]);
    await podsWhen(gateway, (pods) => pods[0]?.reason === 'connection refused');
    expect((await gateway.call('/5/x')).status).toBe(503);
    const keys = new Set<string | undefined>();
    const late = createServer((request, response) => {
      keys.add(request.headers.authorization);
      response.end('late');
    });
    await new Promise<void>((resolve) => late.listen(Number(new URL(url).port), '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => late.close(resolve).closeAllConnections()));
    const upAtMs = performance.now();
    await waitFor(() => gateway.bus.observations(5).some((observed) => observed.pods[0]?.healthy === true), { timeoutMs: 3_000 });
    expect(performance.now() - upAtMs).toBeLessThan(1_500);
    expect(await (await gateway.call('/5/x')).text()).toBe('late');
    expect([...keys]).toEqual(['Bearer key-a']);
    expect((await gateway.pods()).pods[0]).toMatchObject({
      instance_id: 5,
      pod_id: 'pod_a',
      state: 'ready',
      reason: null,
      last_probe_status: 200,
    });
  });

  it('are out within 5 s of their death, and sooner when calls notice it', async () => {
    const { url, server } = await startPod((_request, response) => void response.end('ok'));
    const gateway = await startGateway([deployment({ instance_id: 5, pods: [externalPod('pod_a', url)] })]);
    await podsWhen(gateway, (pods) => healthyCount(pods) === 1);
    server.close();
    server.closeAllConnections();
    const diedAtMs = performance.now();
    const answer = await gateway.call('/5/');
    expect([answer.status, answer.headers.get('x-ecolink-gateway-error')]).toEqual([502, 'connect_failed']);
    const [pod] = await podsWhen(gateway, (pods) => healthyCount(pods) === 0);
    expect(performance.now() - diedAtMs).toBeLessThan(2_500);
    expect(pod).toMatchObject({ state: 'starting', reason: 'connection refused' });
  });

  it('that refuse their key say so', async () => {
    const { url } = await startPod((request, response) => void response.writeHead(request.url === '/health' ? 404 : 401).end());
    const gateway = await startGateway([deployment({ instance_id: 5, pods: [externalPod('pod_a', url)] })]);
    const [pod] = await podsWhen(gateway, (pods) => pods[0]?.last_probe_status === 401);
    expect(pod).toMatchObject({ healthy: false, reason: 'the pod refuses its key (GET /v1/models answered 401)' });
  });

  it('are probed by what is known about them', async () => {
    const paths: string[] = [];
    const { url } = await startPod((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(request.url === '/p/ready' ? 200 : 404).end();
    });
    const gateway = await startGateway([
      deployment({ instance_id: 5, health_path: '/ready', pods: [externalPod('own_path', `${url}/p`)] }),
      deployment({ instance_id: 6, openai_compatible: false, pods: [externalPod('custom', `${url}/c`)] }),
      deployment({ instance_id: 7, pods: [externalPod('openai', `${url}/o/v1`)] }),
    ]);
    await podsWhen(
      gateway,
      (pods) => healthyCount(pods) === 2 && pods.some((pod) => pod.pod_id === 'openai' && pod.last_probe_status === 404),
    );
    expect(new Set(paths)).toEqual(new Set(['/p/ready', '/c/', '/o/health', '/o/v1/models']));
  });

  it('may not be where pods may not be', async () => {
    const { url } = await startPod((_request, response) => void response.end('secret'));
    const addressPolicy = { networks: [], ownPorts: new Set<number>(), ownAddresses: [] };
    const pods = [externalPod('by_address', url), externalPod('by_name', url.replace('127.0.0.1', 'localhost'))];
    const gateway = await startGateway([deployment({ instance_id: 5, pods })], { driverConfig: { external: { addressPolicy } } });
    const seen = await podsWhen(gateway, (found) => found.length === 2 && found.every((pod) => pod.reason !== 'not probed yet'));
    expect(seen.find((pod) => pod.pod_id === 'by_address')).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('ECOLINK_POD_NETWORKS') as string,
    });
    expect(seen.find((pod) => pod.pod_id === 'by_name')).toMatchObject({
      healthy: false,
      reason: 'localhost resolves to no address that a pod may have',
    });
  });

  it('stay in use when the registry is down, and change when it is back', async () => {
    const first = await startPod((_request, response) => void response.end('first'));
    const second = await startPod((_request, response) => void response.end('second'));
    const gateway = await startGateway([deployment({ instance_id: 5, pods: [externalPod('pod_a', first.url)] })]);
    await podsWhen(gateway, (pods) => healthyCount(pods) === 1);
    gateway.registry.isDown = true;
    gateway.change(deployment({ instance_id: 5, version: 2, pods: [externalPod('pod_b', second.url)] }));
    expect(await (await gateway.call('/5/')).text()).toBe('first');
    gateway.registry.isDown = false;
    gateway.change(deployment({ instance_id: 5, version: 2, pods: [externalPod('pod_b', second.url)] }));
    await podsWhen(gateway, (pods) => pods.length === 1 && pods[0]?.pod_id === 'pod_b' && pods[0].healthy);
    expect(await (await gateway.call('/5/')).text()).toBe('second');
  });
});

describe('probing', () => {
  it('is on time for pods that answer, however many hang', async () => {
    const probedAtMs: number[] = [];
    const hanging = await startPod(() => undefined);
    const answering = await startPod((_request, response) => {
      probedAtMs.push(performance.now());
      response.end();
    });
    const pods = Array.from({ length: 200 }, (_, index) => externalPod(`hangs_${index}`, hanging.url));
    const gateway = await startGateway([
      deployment({ instance_id: 5, pods }),
      deployment({ instance_id: 6, pods: [externalPod('answers', answering.url)] }),
    ]);
    await podsWhen(gateway, (seen) => healthyCount(seen) === 1);
    await waitFor(() => probedAtMs.length >= 4, { timeoutMs: 8_000 });
    const gaps = probedAtMs.slice(2).map((atMs, index) => atMs - (probedAtMs[index + 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(2_500);
  }, 15_000);

  it('never takes a pod out for late probes while it works on a call', async () => {
    let hangs = false;
    const { url } = await startPod((request, response) => {
      if (request.url === '/v1/long') return void response.write('working');
      if (!hangs) response.end();
    });
    const gateway = await startGateway([deployment({ instance_id: 5, pods: [externalPod('pod_a', url)] })], {
      probeTimeoutMs: 50,
    });
    await podsWhen(gateway, (pods) => healthyCount(pods) === 1);
    const long = await gateway.call('/5/v1/long');
    hangs = true;
    const before = (await gateway.pods()).pods[0]?.last_probe_at;
    await waitFor(
      async () => Date.parse((await gateway.pods()).pods[0]?.last_probe_at ?? '') - Date.parse(before ?? '') > 6_500,
      { timeoutMs: 12_000 },
    );
    expect((await gateway.pods()).pods[0]).toMatchObject({ healthy: true, in_flight: 1 });
    await long.body?.cancel();
    await podsWhen(gateway, (pods) => healthyCount(pods) === 0, 9_000);
  }, 30_000);
});

describe('synchronised', () => {
  it('is false until the deployments are known and their pods have a verdict', async () => {
    const { url } = await startPod((_request, response) => void response.end());
    const gateway = await startGateway([deployment({ instance_id: 5, pods: [externalPod('pod_a', url)] })]);
    const first = await waitFor(
      async () => {
        const answer = await gateway.pods();
        return answer.synchronised ? answer : undefined;
      },
      { timeoutMs: 3_000 },
    );
    expect(first.pods[0]?.healthy).toBe(true);
    expect(first.region).toBe('mv');
  });

  it('stays false while the registry has never answered', async () => {
    const gateway = await startGateway([], { registryUrl: 'http://127.0.0.1:1' });
    expect(await gateway.pods()).toMatchObject({ synchronised: false, pods: [] });
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });
});

describe('observations', () => {
  it('carry ready time that only grows, and are made up for after the bus was down', async () => {
    const { url } = await startPod((_request, response) => void response.end());
    const gateway = await startGateway([deployment({ instance_id: 5, pods: [externalPod('pod_a', url)] })]);
    await podsWhen(gateway, (pods) => healthyCount(pods) === 1);
    await waitFor(() => gateway.bus.observations(5).at(-1)?.pods[0]?.healthy === true, { timeoutMs: 1_000 });
    gateway.bus.isDown = true;
    gateway.change(deployment({ instance_id: 5, version: 2, desired_state: 'stopped' }));
    await podsWhen(gateway, (pods) => pods.length === 0);
    gateway.bus.isDown = false;
    const last = await waitFor(() => gateway.bus.observations(5).find((observed) => observed.pods.length === 0), {
      timeoutMs: 5_000,
    });
    expect(last.ready_replica_seconds).toBeGreaterThan(0);
    const sequences = gateway.bus.observations(5).map((observed) => observed.sequence);
    expect(sequences).toEqual([...sequences].sort((left, right) => left - right));
  });

  it('say that a driver does not exist here', async () => {
    const gateway = await startGateway([deployment({ instance_id: 5, driver: 'kubernetes', replicas: 2 })]);
    const observed = await waitFor(() => gateway.bus.observations(5).at(-1), { timeoutMs: 2_000 });
    expect(observed.pods).toMatchObject([
      { state: 'failed', reason: 'this region gateway has no driver "kubernetes"' },
      { state: 'failed' },
    ]);
  });
});

describe('simulated pods', () => {
  const simulated = (overrides: Partial<GatewayDeployment> = {}) =>
    deployment({ instance_id: 5, driver: 'simulated', replicas: 2, ...overrides });
  const processOf = async (gateway: Started) =>
    (await (await gateway.call('/5/pid')).json()) as { pid: number; args: string[]; secret: string | null };

  it('are child processes that get the model and nothing of ours, start again when they die, and end when they are stopped', async () => {
    process.env['SECRET_OF_GATEWAY'] = 'secret';
    const gateway = await startGateway([simulated({ args: ['--startup-ms=0', '--host=0.0.0.0', '; rm -rf /'] })]);
    await podsWhen(gateway, (pods) => healthyCount(pods) === 2, 8_000);
    const [one, two] = [await processOf(gateway), await processOf(gateway)];
    expect(new Set([one.pid, two.pid]).size).toBe(2);
    expect(one).toMatchObject({
      args: ['--host', '127.0.0.1', '--port', '0', '--parent-pipe', '--model=my-llama', '--category', 'chat', '--startup-ms=0'],
      secret: null,
    });

    process.kill(one.pid, 'SIGKILL');
    await waitFor(() => !isAlive(one.pid), { timeoutMs: 2_000 });
    await podsWhen(gateway, (pods) => healthyCount(pods) === 2 && pods.length === 2, 8_000);
    const after = [await processOf(gateway), await processOf(gateway)].map(({ pid }) => pid);
    expect(after).toContain(two.pid);
    expect(after).not.toContain(one.pid);

    const slow = gateway.call('/5/slow');
    await waitFor(async () => (await gateway.pods()).pods.some((pod) => pod.in_flight > 0), { timeoutMs: 1_000, intervalMs: 5 });
    gateway.change(simulated({ version: 2, desired_state: 'stopped' }));
    await podsWhen(gateway, (pods) => pods.some((pod) => pod.state === 'draining'));
    expect((await gateway.call('/5/pid')).status).toBe(503);
    expect(await (await slow).text()).toBe('slow');
    await podsWhen(gateway, (pods) => pods.length === 0);
    await waitFor(() => !after.some(isAlive), { timeoutMs: 2_000 });
  }, 30_000);

  it('that cannot live are shown as failed with the reason, and are tried again ever more rarely', async () => {
    const gateway = await startGateway([simulated({ served_model_name: 'crash', replicas: 1 })]);
    const [pod] = await podsWhen(gateway, (pods) => pods[0]?.state === 'failed', 15_000);
    expect(pod).toMatchObject({ healthy: false, reason: 'the process ended (exit code 3)' });
  }, 20_000);

  it('end with the gateway', async () => {
    const gateway = await startGateway([simulated({ replicas: 1 })]);
    await podsWhen(gateway, (pods) => healthyCount(pods) === 1, 8_000);
    const { pid } = await processOf(gateway);
    await gateway.close();
    expect(isAlive(pid)).toBe(false);
  }, 15_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
