import { instanceRecord, TOPIC } from '@ecolink/contracts';
import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 180_000);

afterAll(() => registry.close());

describe('a launched instance', () => {
  it('has the first number 142, two regions, and is pending until a gateway reports', async () => {
    const model_id = await registry.createModel('acc_first', { name: 'my-llama' });
    const answer = await registry.call('acc_first', 'POST', '/api/v1/instances', {
      model_id,
      gpu_type: 'sim-small',
      gpu_count: 1,
      image: 'simulator',
      custom_api_path: '/generate',
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      id: 142,
      model: 'my-llama:142',
      model_id,
      custom_api_path: 'generate',
      state: 'pending',
      desired_state: 'running',
      degraded: false,
      actions: ['stop', 'terminate'],
      hourly_rate_nano_usd: '0',
      hold_nano_usd: '0',
      prices: {},
      termination_reason: null,
      cycle_ends_at: expect.any(String),
    });
    expect([...answer.body.regions].sort()).toEqual(['ga', 'mv']);
  });

  it('runs as soon as one pod is healthy, is degraded until both are, and stays running when all are lost', async () => {
    const id = await registry.launch('acc_a');
    await registry.observe(id, 'mv', [{ state: 'starting', healthy: false, reason: 'loading' }]);
    const starting = await registry.until('acc_a', id, { state: 'starting' });
    expect(starting.status_reason).toContain('loading');
    await registry.observe(id, 'mv', [{}]);
    await registry.until('acc_a', id, { state: 'running', degraded: true });
    await registry.observe(id, 'ga', [{}]);
    await registry.until('acc_a', id, { state: 'running', degraded: false, status_reason: null });
    await registry.observe(id, 'mv', []);
    await registry.observe(id, 'ga', []);
    const lost = await registry.until('acc_a', id, { degraded: true, status_reason: '0 of 2 pods are healthy' });
    expect(lost.state).toBe('running');
  });

  it('takes observations that come late or twice for what they are', async () => {
    const id = await registry.launch('acc_a');
    const late = Date.now() - 60_000;
    await registry.observe(id, 'mv', [{}], { ready_replica_seconds: 7 });
    await registry.until('acc_a', id, { state: 'running' });
    await registry.observe(id, 'mv', [], { sequence: late, ready_replica_seconds: 3 });
    await registry.observe(id, 'ga', [{}]);
    const view = await registry.until('acc_a', id, { degraded: false });
    expect(view.deployments).toHaveLength(2);
    const newest = (await registry.events(TOPIC.instanceChanged, String(id))).at(-1);
    expect(newest.deployments).toContainEqual({ region: 'mv', pods_desired: 1, ready_replica_seconds: 7 });
  });

  it('tells of ready time alone without a new version of the instance, over a restart of its gateway too', async () => {
    const id = await registry.launch('acc_a');
    const pods = [{ since: '2026-11-30T10:00:00.000Z' }];
    await registry.observe(id, 'mv', pods, { ready_replica_seconds: 7 });
    await registry.observe(id, 'ga', pods);
    await registry.until('acc_a', id, { state: 'running', degraded: false });
    const before = await registry.events(TOPIC.instanceChanged, String(id));
    for (const seconds of [9, 2.5]) {
      await registry.observe(id, 'mv', pods, { ready_replica_seconds: seconds });
      await registry.observed(id, 'mv');
    }
    const metered = await registry.events(TOPIC.deploymentMetered, 'mv');
    const ofInstance = metered
      .flatMap(({ deployments }) => deployments)
      .filter((each: { instance_id: number }) => each.instance_id === id);
    expect(ofInstance).toEqual([
      { instance_id: id, ready_replica_seconds: 9 },
      { instance_id: id, ready_replica_seconds: 11.5 },
    ]);
    expect(await registry.events(TOPIC.instanceChanged, String(id))).toHaveLength(before.length);
    await registry.observe(id, 'mv', [{ state: 'ready', healthy: false, since: pods[0]?.since ?? '' }], {
      ready_replica_seconds: 3,
    });
    await registry.until('acc_a', id, { degraded: true });
    const newest = (await registry.events(TOPIC.instanceChanged, String(id))).at(-1);
    expect(newest.deployments).toContainEqual({ region: 'mv', pods_desired: 1, ready_replica_seconds: 12 });
  });

  it('tells nobody of the ready time of servers that somebody else runs', async () => {
    const id = await registry.launch('acc_a', { pods: [{ region: 'mv', url: 'http://127.0.0.1:9/v1' }] });
    const { id: podId } = (await registry.get('acc_a', id)).deployments[0].pods[0];
    const pods = [{ pod_id: podId, since: '2026-11-30T10:00:00.000Z' }];
    await registry.observe(id, 'mv', pods, { ready_replica_seconds: 1 });
    await registry.until('acc_a', id, { state: 'running' });
    await registry.observe(id, 'mv', pods, { ready_replica_seconds: 2 });
    await registry.observed(id, 'mv');
    const metered = (await registry.events(TOPIC.deploymentMetered, 'mv')).flatMap(({ deployments }) => deployments);
    expect(metered.filter((each: { instance_id: number }) => each.instance_id === id)).toEqual([]);
  });

  it('believes the health checker that a region died', async () => {
    const id = await registry.launch('acc_a');
    await registry.observe(id, 'mv', [{}]);
    await registry.observe(id, 'ga', [{}]);
    await registry.until('acc_a', id, { state: 'running', degraded: false });
    const since = new Date().toISOString();
    await registry.health(id, 5, [
      { pod_id: 'mv-0', region: 'mv', healthy: false, reason: 'the gateway does not answer', since },
    ]);
    const view = await registry.until('acc_a', id, { degraded: true });
    expect(view.status_reason).toBe('1 of 2 pods are healthy: the gateway does not answer');
    await registry.health(id, 4, []);
    await registry.health(id, 6, []);
    await registry.until('acc_a', id, { degraded: false });
  });

  it('stops, starts again and terminates by the steps of its pods, with a history and an event for each', async () => {
    const id = await registry.launch('acc_a');
    await registry.observe(id, 'mv', [{}]);
    await registry.observe(id, 'ga', [{}]);
    await registry.until('acc_a', id, { state: 'running', degraded: false });
    const stopping = await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/stop`);
    expect(stopping).toMatchObject({
      status: 200,
      body: { state: 'stopping', desired_state: 'stopped', actions: ['terminate'] },
    });
    expect(await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/start`)).toMatchObject({
      status: 409,
      body: { error: { code: 'invalid_state' } },
    });
    await registry.observe(id, 'mv', []);
    await registry.observe(id, 'ga', [{ state: 'stopped', healthy: false }]);
    await registry.until('acc_a', id, { state: 'stopped' });
    expect(await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/start`)).toMatchObject({
      status: 200,
      body: { desired_state: 'running' },
    });
    await registry.observe(id, 'mv', [{}]);
    await registry.until('acc_a', id, { state: 'running' });
    const ended = await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/terminate`);
    expect(ended.body).toMatchObject({ desired_state: 'terminated', termination_reason: 'user_request', actions: [] });
    await registry.observe(id, 'mv', []);
    await registry.until('acc_a', id, { state: 'terminated' });

    const history = await registry.call('acc_a', 'GET', `/api/v1/instances/${id}/events?limit=100`);
    const states = [...history.body.data]
      .reverse()
      .filter((row) => row.kind === 'state_changed')
      .map((row) => row.to_state);
    expect(states).toEqual([
      'starting',
      'running',
      'stopping',
      'stopped',
      'pending',
      'starting',
      'running',
      'stopping',
      'terminated',
    ]);
    expect(history.body.data.at(-1)).toMatchObject({ kind: 'launched', from_state: null, to_state: 'pending' });
    const records = (await registry.events(TOPIC.instanceChanged, String(id))).map((data) => instanceRecord.parse(data));
    const versions = records.map((record) => record.version);
    expect(versions).toEqual([...versions].sort((left, right) => left - right));
    expect(new Set(versions).size).toBe(versions.length);
    expect(records.at(-1)).toMatchObject({ state: 'terminated', termination_reason: 'user_request' });
  });

  it('is terminated for good: nothing starts, stops or renames its end', async () => {
    const id = await registry.launch('acc_a');
    await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/terminate`);
    await registry.until('acc_a', id, { state: 'terminated' });
    expect((await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/start`)).status).toBe(409);
    expect((await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/stop`)).status).toBe(409);
    expect((await registry.admin('POST', `/instances/${id}/terminate`, { reason: 'late' })).body.termination_reason).toBe(
      'user_request',
    );
  });

  it('is drained by an operator with words that its account sees, and may be started again', async () => {
    const id = await registry.launch('acc_a');
    await registry.observe(id, 'mv', [{}]);
    await registry.until('acc_a', id, { state: 'running' });
    const reason = 'The host is serviced tonight';
    expect(await registry.admin('POST', `/instances/${id}/drain`, { reason })).toMatchObject({
      status: 200,
      body: { state: 'stopping', desired_state: 'stopped', status_reason: reason },
    });
    await registry.observe(id, 'mv', [{ state: 'draining', healthy: false }]);
    await registry.observe(id, 'mv', []);
    expect(await registry.until('acc_a', id, { state: 'stopped' })).toMatchObject({ status_reason: reason });
    expect((await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/start`)).status).toBe(200);
    expect((await registry.admin('POST', '/instances/99999/drain', {})).status).toBe(404);
    expect((await registry.admin('POST', `/instances/${id}/drain`, { colour: 1 })).status).toBe(400);
  });

  it('is terminated by an operator with a reason that its account sees', async () => {
    const id = await registry.launch('acc_a');
    const other = await registry.launch('acc_a');
    await registry.admin('POST', `/instances/${id}/terminate`, { reason: 'abuse of the service' });
    await registry.admin('POST', `/instances/${other}/terminate`, { reason: 'credit_depleted' });
    await registry.until('acc_a', id, {
      state: 'terminated',
      termination_reason: 'admin',
      status_reason: 'abuse of the service',
    });
    await registry.until('acc_a', other, { state: 'terminated', termination_reason: 'credit_depleted' });
  });

  it('survives poisoned observations of others', async () => {
    const id = await registry.launch('acc_a');
    await registry.bus.publish([
      {
        id: 'poison-1',
        source: 'test',
        topic: TOPIC.deploymentObserved,
        key: String(id),
        occurredAt: new Date(),
        data: { instance_id: 'x' },
      },
    ]);
    await registry.observe(999_999, 'mv', [{}]);
    await registry.observe(id, 'mv', [{}]);
    await registry.until('acc_a', id, { state: 'running' });
  });
});
