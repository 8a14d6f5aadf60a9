import { TOPIC } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;
let aheadMs = 0;

beforeAll(async () => {
  registry = await RegistryHarness.start({ now: () => new Date(Date.now() + aheadMs) });
}, 180_000);

beforeEach(() => {
  aheadMs = 0;
});

afterAll(() => registry.close());

const coming = (phase: string, more: Record<string, unknown> = {}) =>
  ({
    ...{ state: 'starting', healthy: false, reason: 'it is coming' },
    start: { phase, since: new Date().toISOString(), ...more },
  }) as never;

describe('the start of an instance', () => {
  it('shows its phase, since when, its deadline and its bytes, and never goes back', async () => {
    const id = await registry.launch('acc_a');
    expect(await registry.get('acc_a', id)).toMatchObject({
      state: 'pending',
      phase: 'scheduled',
      progress: null,
      failure: null,
    });
    const bytes = { done_bytes: 5e8, total_bytes: 2e9, limit_seconds: 100 };
    await registry.observe(id, 'mv', [coming('downloading', bytes)]);
    const loading = await registry.until('acc_a', id, { phase: 'downloading' });
    expect(loading).toMatchObject({
      state: 'starting',
      progress: { done_bytes: 500_000_000, total_bytes: 2_000_000_000 },
      deployments: [{ region: 'ga' }, { region: 'mv', pods: [{ phase: 'downloading', progress: { done_bytes: 500_000_000 } }] }],
    });
    expect(Date.parse(loading.phase_deadline_at) - Date.parse(loading.phase_since)).toBe(100_000);
    await registry.observe(id, 'mv', [coming('scheduled')]);
    await registry.observe(id, 'ga', [coming('warming')]);
    expect(await registry.until('acc_a', id, { phase: 'warming' })).toMatchObject({ progress: null });
    await registry.observe(id, 'ga', [{ start: { phase: 'ready', since: new Date().toISOString() } }]);
    expect(await registry.until('acc_a', id, { phase: 'ready' })).toMatchObject({ state: 'running', phase_deadline_at: null });
    await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/stop`);
    expect(await registry.get('acc_a', id)).toMatchObject({ phase: null, phase_since: null });
  });

  it('tells those who watch of each percent of its bytes, and of nothing less', async () => {
    const id = await registry.launch('acc_a');
    const told = async () => (await registry.events(TOPIC.instanceChanged, String(id))).length;
    const see = async (done: number, ready: number) => {
      await registry.observe(id, 'mv', [coming('downloading', { done_bytes: done, total_bytes: 1e6 })], {
        ready_replica_seconds: ready,
      });
    };
    await see(100_000, 0);
    await registry.until('acc_a', id, { phase: 'downloading' });
    const before = await told();
    await see(100_001, 0);
    await see(110_000, 0);
    await see(110_001, 0);
    // Its ready seconds are always told, so that this one shows when all are handled.
    await see(110_002, 1);
    await waitUntil(async () => (await registry.get('acc_a', id)).progress.done_bytes === 110_002);
    expect(await told()).toBe(before + 2);
  });

  it('is given up at its deadline: it fails with its cause and last lines, frees its GPUs, and may be started again', async () => {
    await registry.database.client.gpuType.create({ data: { name: 'sim-only', hourlyRateNanoUsd: 0n } });
    await registry.database.client.gpuCapacity.createMany({
      data: ['mv', 'ga'].map((region) => ({ gpuType: 'sim-only', region, gpus: 1 })),
    });
    const id = await registry.launch('acc_a', { gpu_type: 'sim-only' });
    const lines = { log_tail: ['loading shard 3 of 9'], reason: 'no answer yet' };
    const pods = [{ ...(coming('loading', { limit_seconds: 240 }) as object), ...lines }];
    await registry.observe(id, 'mv', pods);
    await registry.until('acc_a', id, { phase: 'loading' });
    aheadMs = 120_000;
    await registry.sweep();
    expect(await registry.get('acc_a', id)).toMatchObject({ state: 'starting', desired_state: 'running' });
    aheadMs = 241_000;
    await registry.sweep();
    const cause = 'The start was given up: "loading" took longer than 4 minutes: no answer yet';
    expect(await registry.get('acc_a', id)).toMatchObject({
      ...{ state: 'failed', desired_state: 'stopped', status_reason: cause, actions: ['start', 'terminate'], phase: 'loading' },
      failure: { phase: 'loading', cause, log_tail: ['loading shard 3 of 9'] },
    });
    const history = await registry.call('acc_a', 'GET', `/api/v1/instances/${id}/events?limit=1`);
    expect(history.body.data[0]).toMatchObject({
      kind: 'start_given_up',
      from_state: 'starting',
      to_state: 'failed',
      reason: cause,
    });
    expect((await registry.events(TOPIC.instanceChanged, String(id))).at(-1)).toMatchObject({ state: 'failed' });
    const { body: types } = await registry.call('acc_a', 'GET', '/api/v1/gpu-types');
    const free = types.data.find(({ name }: { name: string }) => name === 'sim-only').capacity;
    expect(free).toEqual([expect.objectContaining({ gpus_free: 1 }), expect.objectContaining({ gpus_free: 1 })]);
    await registry.observe(id, 'mv', []);
    const again = await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/start`);
    expect(again).toMatchObject({ status: 200, body: { desired_state: 'running', phase: 'scheduled', failure: null } });
    await registry.sweep();
    expect((await registry.get('acc_a', id)).state).not.toBe('failed');
  });

  it('that fails by itself keeps its cause and last lines until it runs, and is given up all the same', async () => {
    const id = await registry.launch('acc_a');
    const dead = {
      ...{ state: 'failed' as const, healthy: false, reason: 'the process ended (exit code 3)' },
      log_tail: ['out of memory'],
    };
    await registry.observe(id, 'mv', [dead]);
    await registry.observe(id, 'ga', [dead]);
    expect((await registry.until('acc_a', id, { state: 'failed' })).failure).toMatchObject({
      ...{ cause: 'No pod could be started: the process ended (exit code 3)', log_tail: ['out of memory'] },
    });
    await registry.observe(id, 'mv', [{}]);
    expect(await registry.until('acc_a', id, { state: 'running' })).toMatchObject({ failure: null });
    const other = await registry.launch('acc_a');
    await registry.observe(other, 'mv', [dead]);
    await registry.observe(other, 'ga', [dead]);
    await registry.until('acc_a', other, { state: 'failed' });
    aheadMs = 3_600_000;
    await registry.sweep();
    expect(await registry.get('acc_a', other)).toMatchObject({ state: 'failed', desired_state: 'stopped' });
  });

  it('on servers that run elsewhere is waited for without a deadline', async () => {
    const id = await registry.launch('acc_a', { pods: [{ region: 'mv', url: 'http://127.0.0.1:9100' }] });
    aheadMs = 86_400_000;
    await registry.sweep();
    expect(await registry.get('acc_a', id)).toMatchObject({ desired_state: 'running', phase_deadline_at: null });
  });
});

async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  await waitFor(isSo, { timeoutMs: 45_000, what: 'the observations to be handled' });
}
