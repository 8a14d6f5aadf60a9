import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GatewayDeployment, gatewayLogs, gatewayPods } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { processDriver } from '../src/drivers/process/process-driver.js';
import { startTimeOf } from '../src/drivers/process/running-process.js';
import type { PodSpec } from '../src/pods/pod-spec.js';
import { startRegionGateway } from '../src/index.js';
import { deployment, listeningBus, startRegistry } from './support/fakes.js';

const SERVER = fileURLToPath(new URL('./support/small-server.mjs', import.meta.url));
const PATIENCE_MS = 20_000;
const SECRET = 'internal';
const closing: (() => Promise<unknown>)[] = [];
let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-pods-'));
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(directory, { recursive: true, force: true });
});

const template = {
  command: [process.execPath, SERVER, '--port', '{port}', '--model', '{served_model_name}', '--gpus', '{gpu_indices}'],
  env: { API_KEY: '{api_key}' },
  allowed_env: ['CUSTOMER_SECRET'],
  allowed_args: { '--crash': null, '--size': '[0-9]+', '--slow': null, '--child': null, '--chatty': '[0-9]+' },
  phases: [{ phase: 'downloading', pattern: 'fetching (?<done>[0-9]+MB)/(?<total>[0-9]+MB)', limit_seconds: 77 }],
};
const run = (overrides: Partial<GatewayDeployment> = {}) =>
  deployment({
    instance_id: 5,
    driver: 'process',
    replicas: 1,
    image: 'small',
    gpu_count: 2,
    env: { CUSTOMER_SECRET: 'hush-hush-hush' },
    driver_config: { templates: { small: template }, gpu_indices: [4, 5, 6, 7] },
    ...overrides,
  });

async function startGateway(...deployments: GatewayDeployment[]) {
  const registry = await startRegistry();
  closing.push(() => registry.close());
  for (const each of deployments) registry.put(each);
  const bus = listeningBus();
  const driverConfig = { process: { directory } };
  const common = { host: '127.0.0.1', port: 0, region: 'mv', internalSecret: SECRET, driverConfig };
  const service = await startRegionGateway({ ...common, bus, registryUrl: registry.url });
  closing.push(() => service.close());
  const headers = { 'x-ecolink-internal-secret': SECRET };
  const get = async (pathname: string): Promise<ReturnType<typeof JSON.parse>> =>
    (await fetch(`${service.url}${pathname}`, { headers })).json();
  const podsWhen = (isSo: (pods: ReturnType<typeof gatewayPods.parse>['pods']) => boolean) =>
    waitFor(
      async () => {
        const { pods } = gatewayPods.parse(await get('/pods'));
        return isSo(pods) ? pods : undefined;
      },
      { timeoutMs: PATIENCE_MS, what: 'the pods to be so' },
    );
  return {
    get,
    podsWhen,
    change: (next: GatewayDeployment) => {
      registry.put(next);
      bus.tell({ topic: 'ecolink.instance.changed.v1', key: '5', data: {} });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What nobody has collected yet has ended, too. */
async function areGone(...pids: number[]): Promise<boolean> {
  return (await Promise.all(pids.map(startTimeOf))).every((startTime) => startTime === undefined);
}

describe('a pod of driver process', () => {
  it("runs the operator's command with what the launch may add, a key, GPUs and a directory of its own, and nothing of the gateway", async () => {
    process.env['SECRET_OF_GATEWAY'] = 'secret';
    const gateway = await startGateway(run({ replicas: 2, args: ['--size=7'] }));
    await gateway.podsWhen((pods) => pods.filter((pod) => pod.healthy).length === 2);
    const seen = [await gateway.get('/5/x'), await gateway.get('/5/x')];
    expect(new Set(seen.map(({ pid }) => pid)).size).toBe(2);
    expect(seen.map(({ values }) => values.gpus).sort()).toEqual(['4,5', '6,7']);
    for (const { values, cwd, env } of seen) {
      expect(values).toMatchObject({ model: 'my-llama', size: '7' });
      expect(cwd.startsWith(directory)).toBe(true);
      expect(env).toEqual(expect.arrayContaining(['API_KEY', 'CUSTOMER_SECRET', 'PATH']));
      expect(env).not.toContain('SECRET_OF_GATEWAY');
    }
  }, 40_000);

  it('is back after kill -9, is ended with all it started when it is stopped, and leaves no file', async () => {
    const gateway = await startGateway(run({ args: ['--child'] }));
    await gateway.podsWhen((pods) => pods[0]?.healthy === true);
    const { pid, child } = await gateway.get('/5/x');
    process.kill(pid, 'SIGKILL');
    await waitFor(() => areGone(pid, child), { timeoutMs: PATIENCE_MS, what: 'the process and its child to end' });
    const isBack = async () => {
      const seen = await gateway.get('/5/x');
      return seen.pid !== undefined && seen.pid !== pid ? seen : undefined;
    };
    const after = await waitFor(isBack, { timeoutMs: PATIENCE_MS, what: 'the pod to be back' });
    gateway.change(run({ version: 2, desired_state: 'stopped', args: ['--child'] }));
    await gateway.podsWhen((pods) => pods.length === 0);
    const isOver = async () => (await areGone(after.pid, after.child)) && (await readdir(directory)).length === 0;
    await waitFor(isOver, { timeoutMs: PATIENCE_MS, what: 'processes and files to be gone' });
  }, 180_000);

  it('has its lines read from outside, without the secrets it was given', async () => {
    const gateway = await startGateway(run());
    await gateway.podsWhen((pods) => pods[0]?.healthy === true);
    const logs = gatewayLogs.parse(await gateway.get('/logs/5?lines=10'));
    expect(logs.pods[0]?.lines).toEqual(['serving my-llama with the key *** and ***']);
    expect(gatewayLogs.parse(await gateway.get('/logs/6'))).toEqual({ pods: [] });
  }, 40_000);

  it('shows the phases of its start with bytes and limit, as its own lines tell them, until it is ready', async () => {
    const gateway = await startGateway(run({ args: ['--slow'] }));
    const [pod] = await gateway.podsWhen((pods) => pods[0]?.start?.phase === 'downloading');
    expect(pod).toMatchObject({
      state: 'starting',
      start: { phase: 'downloading', limit_seconds: 77, done_bytes: 30_000_000, total_bytes: 120_000_000 },
    });
    await writeFile(path.join(directory, pod?.pod_id ?? '', 'work', 'go'), '');
    await gateway.podsWhen((pods) => pods[0]?.start?.phase === 'ready' && pods[0].healthy);
  }, 180_000);

  it('writes as much as it likes: a log is cut at its bound, and its newest lines stay', async () => {
    const gateway = await startGateway(run({ args: ['--chatty=20'] }));
    await gateway.podsWhen((pods) => pods[0]?.healthy === true);
    const podDirectory = path.join(directory, (await gateway.podsWhen(() => true))[0]?.pod_id ?? '');
    await waitFor(async () => (await stat(path.join(podDirectory, 'log'))).size <= 8 * 1_048_576, { timeoutMs: PATIENCE_MS });
    const logs = gatewayLogs.parse(await gateway.get('/logs/5?lines=3'));
    expect(logs.pods[0]?.lines).toEqual(Array.from({ length: 3 }, () => 'x'.repeat(1_023)));
  }, 180_000);

  it('that cannot live is shown as failed with its cause and its last 20 lines', async () => {
    const gateway = await startGateway(run({ args: ['--crash'] }));
    const [pod] = await gateway.podsWhen((pods) => pods[0]?.state === 'failed');
    expect(pod?.reason).toBe('the process ended (exit code 3)');
    expect(pod?.log_tail).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 11}`));
  }, 40_000);

  it.each([
    ['an image without a template', { image: 'other' }, 'no template for the image "other"'],
    ['an argument that is not allowed', { args: ['--api-key=mine'] }, 'args[0]: "--api-key" is not allowed here'],
    [
      'a template without the key',
      { driver_config: { templates: { small: { command: ['x', '{port}'] } } } },
      'must use {api_key}',
    ],
    ['more GPUs than the host has', { gpu_count: 9 }, 'no 9 free GPUs'],
  ])(
    'is not started for %s, and says so',
    async (_what, overrides, reason) => {
      const gateway = await startGateway(run(overrides));
      const [pod] = await gateway.podsWhen((pods) => pods[0]?.reason?.includes(reason) === true);
      expect(pod?.healthy).toBe(false);
    },
    40_000,
  );
});

describe('after kill -9 of its gateway', () => {
  it('a pod that is still wanted is taken over as it runs, and one that is not is ended', async () => {
    const register = new URL('../../../libs/messaging/test/register-typescript.mjs', import.meta.url);
    const script = fileURLToPath(new URL('./support/process-driver-host.ts', import.meta.url));
    const wanted = run({ gpu_count: 1 });
    const unwanted = run({ instance_id: 6, gpu_count: 1 });
    const host = spawn(
      process.execPath,
      [
        '--conditions=@ecolink/source',
        '--import',
        register.href,
        script,
        directory,
        JSON.stringify(wanted),
        JSON.stringify(unwanted),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
    );
    const told = new Map<number, PodSpec>();
    createInterface({ input: host.stdout }).on('line', (line) => {
      const { id, pods } = JSON.parse(line) as { id: number; pods: PodSpec[] };
      if (pods[0] !== undefined) told.set(id, pods[0]);
    });
    await waitFor(() => [...told.values()].filter((pod) => pod.kind === 'running').length === 2, { timeoutMs: PATIENCE_MS });
    const askFor = async (id: number): Promise<number> => {
      const pod = told.get(id);
      if (pod?.kind !== 'running') throw new Error('it does not run');
      const answer = await fetch(pod.url, { headers: { authorization: `Bearer ${pod.apiKey}` } });
      return ((await answer.json()) as { pid: number }).pid;
    };
    const pids = await waitFor(() => Promise.all([askFor(5), askFor(6)]).catch(() => undefined), { timeoutMs: PATIENCE_MS });
    host.kill('SIGKILL');
    await waitFor(() => host.signalCode !== null, { timeoutMs: PATIENCE_MS });
    expect(pids.map(isAlive)).toEqual([true, true]);

    const after: PodSpec[] = [];
    const driver = processDriver({
      region: 'mv',
      report: (_deployment, pods) => void after.push(...pods),
      options: { process: { directory } },
    });
    closing.push(() => driver.stop());
    await driver.reconcile(wanted);
    driver.loaded?.();
    expect(after.at(-1)).toMatchObject({ kind: 'running', podId: told.get(5)?.podId });
    expect(await askFor(5)).toBe(pids[0]);
    await waitFor(() => !isAlive(pids[1] ?? 0), { timeoutMs: PATIENCE_MS });
    await waitFor(() => !existsSync(path.join(directory, told.get(6)?.podId ?? '')), { timeoutMs: PATIENCE_MS });
    expect(isAlive(pids[0] ?? 0)).toBe(true);
    // Taken over, it is started again like any other.
    process.kill(pids[0] ?? 0, 'SIGKILL');
    const moved = await waitFor(
      () => after.findLast((pod) => pod.kind === 'running' && pod.url !== (told.get(5) as { url?: string }).url),
      {
        timeoutMs: PATIENCE_MS,
      },
    );
    expect(moved.podId).toBe(told.get(5)?.podId);
  }, 90_000);
});
