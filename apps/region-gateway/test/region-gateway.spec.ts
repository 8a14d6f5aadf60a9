import { createServer } from 'node:http';
import type { GatewayDeployment, GatewayPods } from '@ecolink/contracts';
import { TOPIC } from '@ecolink/contracts';
import { podAddress, waitFor } from '@ecolink/testing';
import { jest } from '@jest/globals';
import { type RegionGatewayConfig, startRegionGateway } from '../src/index.js';
import { closeAll, startPod } from './support/data-plane-fixture.js';
import { deployment, externalPod, type FakeRegistry, type ListeningBus, listeningBus, startRegistry } from './support/fakes.js';

const SECRET = 'internal';
/** For what comes soon on a machine that has nothing else to do. */
const PATIENCE_MS = 45_000;
const TEST_TIMEOUT_MS = 240_000;
/** What has a time is tried so often: a machine that is busy for a moment has its say in one try, not in all. */
const TRIES = 3;
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
  const simulated = { simulatorMain: new URL('./support/stub-simulator-host.mjs', import.meta.url).pathname };
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
  timeoutMs = PATIENCE_MS,
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

jest.setTimeout(TEST_TIMEOUT_MS);

describe('external pods', () => {
  it('are in use, and observed, within 2 s of their first answer', async () => {
    // Of its own, so that nobody else listens there before it does.
    const { host, port } = podAddress();
    const url = `http://${host}:${port}`;
    const gateway = await startGateway([deployment({ instance_id: 5, pods: [externalPod('pod_a', url, 'key-a')] })]);
    const keys = new Set<string | undefined>();
    const late = createServer((request, response) => {
      keys.add(request.headers.authorization);
      response.end('late');
    });
    const closeLate = () => new Promise((resolve) => late.close(resolve).closeAllConnections());
    closing.push(closeLate);
    const tookMs: number[] = [];
    while (tookMs.length < TRIES && !tookMs.some((ms) => ms < 1_500)) {
      if (late.listening) await closeLate();
      await podsWhen(gateway, (pods) => pods[0]?.reason === 'connection refused');
      expect((await gateway.call('/5/x')).status).toBe(503);
      await new Promise<void>((resolve) => late.listen(port, host, resolve));
      const upAtMs = performance.now();
      await waitFor(() => gateway.bus.observations(5).at(-1)?.pods[0]?.healthy === true, { timeoutMs: PATIENCE_MS });
      tookMs.push(performance.now() - upAtMs);
    }
    expect(Math.min(...tookMs)).toBeLessThan(1_500);
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
    const tookMs: number[] = [];
    while (tookMs.length < TRIES && !tookMs.some((ms) => ms < 2_500)) {
      const { url, server } = await startPod((_request, response) => void response.end('ok'));
      const gateway = await startGateway([deployment({ instance_id: 5, pods: [externalPod('pod_a', url)] })]);
      await podsWhen(gateway, (pods) => healthyCount(pods) === 1);
      server.close();
      server.closeAllConnections();
      const diedAtMs = performance.now();
      const answer = await gateway.call('/5/');
      expect([answer.status, answer.headers.get('x-ecolink-gateway-error')]).toEqual([502, 'connect_failed']);
      const [pod] = await podsWhen(gateway, (pods) => healthyCount(pods) === 0);
      tookMs.push(performance.now() - diedAtMs);
      expect(pod).toMatchObject({ state: 'starting', reason: 'connection refused' });
    }
    expect(Math.min(...tookMs)).toBeLessThan(2_500);
  });

  it('that refuse their key say so', async () => {
    const { url } = await startPod((request, response) => void response.writeHead(request.url === '/health' ? 404 : 401).end());
    const gateway = await startGateway([deployment({ instance_id: 5, pods: [externalPod('pod_a', url)] })]);
    const [pod] = await podsWhen(gateway, (pods) => pods[0]?.last_probe_status === 401);
    expect(pod).toMatchObject({ healthy: false, reason: 'the pod refuses its key (GET /v1/models answered 401)' });
  });

  it('whose health path is open to everybody get no call while they refuse their key, or serve another model', async () => {
    const server = (served: string) =>
      startPod((request, response) => {
        if (request.url === '/health') response.end('ok');
        else if (request.headers.authorization === 'Bearer right') response.end(JSON.stringify({ data: [{ id: served }] }));
        else response.writeHead(401).end();
      });
    const [right, other] = [await server('my-llama'), await server('other')];
    const pods = [
      externalPod('pod_right', right.url, 'right'),
      externalPod('pod_key', (await server('my-llama')).url, 'wrong'),
      externalPod('pod_name', other.url, 'right'),
    ];
    const gateway = await startGateway([deployment({ instance_id: 5, pods })]);
    const seen = await podsWhen(
      gateway,
      (found) => healthyCount(found) === 1 && found.every(({ reason }) => reason !== 'not probed yet'),
    );
    const reasonOf = (id: string) => seen.find((pod) => pod.pod_id === id)?.reason;
    expect(reasonOf('pod_right')).toBeNull();
    expect(reasonOf('pod_key')).toBe('the pod refuses its key (GET /v1/models answered 401)');
    expect(reasonOf('pod_name')).toBe('the pod does not serve "my-llama": /v1/models lists "other"');
    gateway.change(
      deployment({
        instance_id: 5,
        version: 2,
        pods: pods.map((pod) => ({ ...pod, api_key: pod.pod_id === 'pod_key' ? 'right' : 'wrong' })),
      }),
    );
    await podsWhen(gateway, (found) => found.find((pod) => pod.pod_id === 'pod_key')?.healthy === true);
    await podsWhen(gateway, (found) => healthyCount(found) === 1);
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
    expect(new Set(paths)).toEqual(new Set(['/p/ready', '/p/v1/models', '/c/', '/o/health', '/o/v1/models']));
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
    const largestGaps: number[] = [];
    while (largestGaps.length < TRIES && !largestGaps.some((ms) => ms < 2_500)) {
      probedAtMs.length = 0;
      await waitFor(() => probedAtMs.length >= 4, { timeoutMs: PATIENCE_MS });
      const gaps = probedAtMs.slice(2).map((atMs, index) => atMs - (probedAtMs[index + 1] ?? 0));
      largestGaps.push(Math.max(...gaps));
    }
    expect(Math.min(...largestGaps)).toBeLessThan(2_500);
  });

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
      { timeoutMs: PATIENCE_MS },
    );
    expect((await gateway.pods()).pods[0]).toMatchObject({ healthy: true, in_flight: 1 });
    await long.body?.cancel();
    await podsWhen(gateway, (pods) => healthyCount(pods) === 0);
  });
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
      { timeoutMs: PATIENCE_MS },
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
    await waitFor(() => gateway.bus.observations(5).at(-1)?.pods[0]?.healthy === true, { timeoutMs: PATIENCE_MS });
    gateway.bus.isDown = true;
    gateway.change(deployment({ instance_id: 5, version: 2, desired_state: 'stopped' }));
    await podsWhen(gateway, (pods) => pods.length === 0);
    gateway.bus.isDown = false;
    const last = await waitFor(() => gateway.bus.observations(5).find((observed) => observed.pods.length === 0), {
      timeoutMs: PATIENCE_MS,
    });
    expect(last.ready_replica_seconds).toBeGreaterThan(0);
    const sequences = gateway.bus.observations(5).map((observed) => observed.sequence);
    expect(sequences).toEqual([...sequences].sort((left, right) => left - right));
  });

  it('say that a driver does not exist here', async () => {
    const gateway = await startGateway([deployment({ instance_id: 5, driver: 'kubernetes', replicas: 2 })]);
    const observed = await waitFor(() => gateway.bus.observations(5).at(-1), { timeoutMs: PATIENCE_MS });
    expect(observed.pods).toMatchObject([
      { state: 'failed', reason: 'this region gateway has no driver "kubernetes"' },
      { state: 'failed' },
    ]);
  });
});

describe('simulated pods', () => {
  const simulated = (overrides: Partial<GatewayDeployment> = {}) =>
    deployment({ instance_id: 5, driver: 'simulated', replicas: 2, ...overrides });
  const about = async (gateway: Started) =>
    (await (await gateway.call('/5/about')).json()) as {
      pid: number;
      id: string;
      args: string[];
      commandLine: string[];
      secret: string | null;
      key: string;
      authorization: string;
    };
  const aboutBoth = async (gateway: Started) => {
    await podsWhen(gateway, (pods) => pods.length === 2 && healthyCount(pods) === 2);
    return [await about(gateway), await about(gateway)] as const;
  };

  it('share one process that gets the model and nothing of ours, and are gone once they are stopped and idle', async () => {
    process.env['SECRET_OF_GATEWAY'] = 'secret';
    const gateway = await startGateway([simulated({ args: ['--startup-ms=0', '--host=0.0.0.0', '; rm -rf /'] })]);
    const [one, two] = await aboutBoth(gateway);
    expect(two.pid).toBe(one.pid);
    expect(two.id).not.toBe(one.id);
    expect(one).toMatchObject({
      args: ['--host', '127.0.0.1', '--port', '0', '--model=my-llama', '--category', 'chat', '--startup-ms=0'],
      secret: null,
    });
    const slow = gateway.call('/5/slow');
    await waitFor(async () => (await gateway.pods()).pods.some((pod) => pod.in_flight > 0), {
      timeoutMs: PATIENCE_MS,
      intervalMs: 5,
    });
    const busy = (await gateway.pods()).pods.find((pod) => pod.in_flight > 0)?.address;
    gateway.change(simulated({ version: 2, desired_state: 'stopped' }));
    await podsWhen(gateway, (pods) => pods.some((pod) => pod.state === 'draining'));
    expect((await gateway.call('/5/about')).status).toBe(503);
    await fetch(`http://${busy?.host}:${busy?.port}/let-go`);
    expect(await (await slow).text()).toBe('slow');
    await podsWhen(gateway, (pods) => pods.length === 0);
    await waitFor(() => !isAlive(one.pid), { timeoutMs: PATIENCE_MS });
  });

  it('that die alone start again, and the others serve on', async () => {
    const gateway = await startGateway([simulated()]);
    const [one, two] = await aboutBoth(gateway);
    const portOf = async (id: string) => (await gateway.pods()).pods.find(({ pod_id: podId }) => podId === id)?.address?.port;
    const before = [await portOf(one.id), await portOf(two.id)];
    const dying = await gateway.call('/5/die');
    expect(dying.status).toBe(502);
    const after = await waitFor(
      async () => {
        const ports = [await portOf(one.id), await portOf(two.id)];
        return ports.every((port) => port !== undefined) && String(ports) !== String(before) ? ports : undefined;
      },
      { timeoutMs: PATIENCE_MS },
    );
    expect(after.filter((port) => before.includes(port))).toHaveLength(1);
    const again = await aboutBoth(gateway);
    expect(again.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
    expect(again.map(({ pid }) => pid)).toEqual([one.pid, one.pid]);
  });

  it('start all again when their process dies', async () => {
    const gateway = await startGateway([simulated()]);
    const [one, two] = await aboutBoth(gateway);
    process.kill(one.pid, 'SIGKILL');
    const again = await waitFor(
      async () => {
        const seen = await aboutBoth(gateway).catch(() => undefined);
        return seen?.every(({ id, pid }) => typeof id === 'string' && pid !== one.pid) ? seen : undefined;
      },
      { timeoutMs: TEST_TIMEOUT_MS / 2 },
    );
    expect(again.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
    expect(again.map(({ key }) => key).sort()).toEqual([one.key, two.key].sort());
  });

  it('each ask for a random key of their own that their gateway sends, and say where they listen', async () => {
    const gateway = await startGateway([simulated()]);
    const [one, two] = await aboutBoth(gateway);
    expect(one.key).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(one.authorization).toBe(`Bearer ${one.key}`);
    expect(two.key).not.toBe(one.key);
    expect(one.commandLine.join(' ')).not.toContain(one.key);
    const { pods } = await gateway.pods();
    const ports = pods.map((pod) => pod.address?.port);
    expect(new Set(ports).size).toBe(2);
    await waitFor(() => gateway.bus.observations(5).some(({ pods: seen }) => seen[1]?.address?.port === ports[1]), {
      timeoutMs: PATIENCE_MS,
    });
  });

  it('that cannot live are shown as failed with the reason, and are tried again ever more rarely', async () => {
    const gateway = await startGateway([simulated({ served_model_name: 'crash', replicas: 1 })]);
    const [pod] = await podsWhen(gateway, (pods) => pods[0]?.state === 'failed');
    expect(pod).toMatchObject({ healthy: false, reason: 'the simulator cannot be started (no such model)' });
  });

  it('whose process cannot live are shown as failed with the reason', async () => {
    const simulatorMain = new URL('./support/no-such-file.mjs', import.meta.url).pathname;
    const gateway = await startGateway([simulated({ replicas: 1 })], { driverConfig: { simulated: { simulatorMain } } });
    const [pod] = await podsWhen(gateway, (pods) => pods[0]?.state === 'failed');
    expect(pod).toMatchObject({ healthy: false, reason: "the simulators' process ended (exit code 1)" });
  });

  it('of two gateways in this process share one, and end with the last of them', async () => {
    const [first, second] = [await startGateway([simulated()]), await startGateway([simulated()])];
    const [{ pid }] = await aboutBoth(first);
    expect((await aboutBoth(second))[0].pid).toBe(pid);
    await first.close();
    expect(isAlive(pid)).toBe(true);
    await second.close();
    expect(isAlive(pid)).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
