import { TOPIC } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;
let modelId: string;

beforeAll(async () => {
  registry = await RegistryHarness.start();
  modelId = await registry.createModel('acc_a', { name: 'my-llama' });
}, 180_000);

afterAll(() => registry.close());

const gpu = { gpu_type: 'sim-small', gpu_count: 1, image: 'simulator' };

function launch(body: Record<string, unknown>, path = '/api/v1/instances') {
  return registry.call('acc_a', 'POST', path, { model_id: modelId, ...body });
}

async function countInstances(): Promise<number> {
  return registry.database.client.instance.count();
}

describe('a launch is refused by the name of the field at fault', () => {
  it.each([
    [{}, 'gpu_type'],
    [{ ...gpu, gpu_count: 0 }, 'gpu_count'],
    [{ ...gpu, gpu_type: 'abacus' }, 'gpu_type'],
    [{ ...gpu, colour: 'red' }, 'colour'],
    [{ ...gpu, openai_compatible: false }, 'custom_api_path'],
    [{ ...gpu, custom_api_path: 'a/../b' }, 'custom_api_path'],
    [{ ...gpu, custom_api_path: 'a//b' }, 'custom_api_path'],
    [{ ...gpu, custom_api_path: 'generate?x=1' }, 'custom_api_path'],
    [{ ...gpu, custom_api_path: '%2e%2e/x' }, 'custom_api_path'],
    [{ ...gpu, custom_api_path: 'x'.repeat(257) }, 'custom_api_path'],
    [{ ...gpu, regions: ['mv', 'zz'] }, 'regions[1]'],
    [{ ...gpu, env: { 'A B': '1' } }, 'env.A B'],
    [{ ...gpu, gpu_count: 65 }, 'gpu_count'],
    [{ ...gpu, gpu_count: -1 }, 'gpu_count'],
    [{ ...gpu, gpu_count: 1.5 }, 'gpu_count'],
    [{ ...gpu, gpu_count: '1' }, 'gpu_count'],
    [{ ...gpu, replicas: {} }, 'replicas'],
    [{ ...gpu, replicas: 2 }, 'replicas'],
    [{ ...gpu, replicas: { mv: 0 } }, 'replicas.mv'],
    [{ ...gpu, replicas: { mv: -1 } }, 'replicas.mv'],
    [{ ...gpu, replicas: { mv: 1e9 } }, 'replicas.mv'],
    [{ ...gpu, replicas: { mv: 1.5 } }, 'replicas.mv'],
    [{ ...gpu, replicas: { zz: 1 } }, 'replicas.zz'],
    [{ ...gpu, replicas: { mv: 1 }, regions: ['mv'] }, 'replicas'],
    [{ pods: [] }, 'pods'],
    [{ pods: [{ region: 'mv', url: 'http://127.0.0.1:9000' }], gpu_type: 'sim-small' }, 'gpu_type'],
    [{ pods: [{ region: 'zz', url: 'http://127.0.0.1:9000' }] }, 'pods[0].region'],
    [{ pods: [{ region: 'mv' }] }, 'pods[0].url'],
    [{ pods: [{ region: 'mv', url: 'http://127.0.0.1:9000', key: 'x' }] }, 'pods[0].key'],
    [
      {
        pods: [
          { region: 'mv', url: 'http://127.0.0.1:9000' },
          { region: 'mv', url: 'http://127.0.0.1:9000/v1' },
        ],
      },
      'pods[1].url',
    ],
  ])('%j', async (body, param) => {
    const before = await countInstances();
    expect(await launch(body)).toMatchObject({ status: 400, body: { error: { code: 'invalid_request', param } } });
    expect(await countInstances()).toBe(before);
  });
});

describe('placement', () => {
  it('refuses one region unless that is allowed', async () => {
    expect(await launch({ ...gpu, regions: ['mv'] })).toMatchObject({
      status: 409,
      body: { error: { code: 'insufficient_capacity' } },
    });
    expect(await launch({ ...gpu, regions: ['mv'], allow_single_region: true })).toMatchObject({
      status: 201,
      body: { regions: ['mv'] },
    });
  });

  it('puts as many replicas where it is told, holds for all of them, and refuses what has no room', async () => {
    const replicas = { mv: 3, ga: 1 };
    expect(await launch({ ...gpu, replicas }, '/api/v1/instances/quote')).toMatchObject({
      body: { replicas: 4, available: true },
    });
    const made = await launch({ ...gpu, replicas });
    expect(made).toMatchObject({ status: 201, body: { regions: ['ga', 'mv'] } });
    const [record] = await registry.events(TOPIC.instanceChanged, String(made.body.id));
    expect(record.deployments).toEqual([
      expect.objectContaining({ region: 'ga', pods_desired: 1 }),
      expect.objectContaining({ region: 'mv', pods_desired: 3 }),
    ]);
    expect(registry.authBilling.holds.get(`${made.body.id}/1`)).toMatchObject({ replicas: 4, gpu_count: 1 });
    expect(await launch({ ...gpu, gpu_count: 64, replicas: { mv: 1, ga: 16 } })).toMatchObject({
      status: 409,
      body: { error: { code: 'insufficient_capacity', message: expect.stringContaining('ga has no room') } },
    });
  });

  it("pins a filesystem's model to its region", async () => {
    const model_id = await registry.createModel('acc_a', {
      source: { kind: 'filesystem', filesystem: 'fs1', path: '/m', region: 'ga' },
    });
    const made = await launch({ ...gpu, model_id });
    expect(made).toMatchObject({ status: 201, body: { regions: ['ga'] } });
    const [record] = await registry.events(TOPIC.instanceChanged, String(made.body.id));
    expect(record).toMatchObject({ pinned_region: 'ga' });
    expect(await launch({ ...gpu, model_id, regions: ['mv'] })).toMatchObject({
      status: 400,
      body: { error: { param: 'regions' } },
    });
    for (const asked of [{ regions: ['ga', 'mv'] }, { replicas: { mv: 1 } }, { replicas: { ga: 1, mv: 1 } }])
      expect(await launch({ ...gpu, model_id, ...asked })).toMatchObject({ status: 400, body: { error: { param: 'regions' } } });
    expect(await launch({ ...gpu, model_id, replicas: { ga: 2 } })).toMatchObject({ body: { error: { param: 'replicas' } } });
    expect(await launch({ ...gpu, model_id }, '/api/v1/instances/quote')).toMatchObject({
      status: 200,
      body: { replicas: 1, regions: ['ga'] },
    });
    const elsewhere = { model_id, pods: [{ region: 'mv', url: 'http://127.0.0.1:9000' }] };
    expect(await launch(elsewhere)).toMatchObject({ status: 400, body: { error: { param: 'pods[0].region' } } });
  });

  it('never promises the same GPU twice, however many ask at once', async () => {
    await registry.database.client.gpuType.create({ data: { name: 'sim-tiny', hourlyRateNanoUsd: 0n } });
    await registry.database.client.gpuCapacity.createMany({
      data: ['mv', 'ga'].map((region) => ({ gpuType: 'sim-tiny', region, gpus: 3 })),
    });
    const answers = await Promise.all(Array.from({ length: 8 }, () => launch({ ...gpu, gpu_type: 'sim-tiny' })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 201, 201, 409, 409, 409, 409, 409]);
    const types = await registry.call('acc_a', 'GET', '/api/v1/gpu-types');
    const tiny = types.body.data.find((type: { name: string }) => type.name === 'sim-tiny');
    expect(tiny.capacity).toContainEqual({ region: 'mv', gpus: 3, gpus_free: 0 });
    await registry.call(
      'acc_a',
      'POST',
      `/api/v1/instances/${answers.find((answer) => answer.status === 201)?.body.id}/terminate`,
    );
    expect((await launch({ ...gpu, gpu_type: 'sim-tiny' })).status).toBe(201);
  });
});

describe('a priced GPU type', () => {
  const priced = { ...gpu, gpu_type: 'h100-80gb', gpu_count: 2 };

  it('is quoted with rate × GPUs × replicas × 24 h', async () => {
    registry.authBilling.balances.set('acc_a', 1_000_000_000n);
    expect(await launch(priced, '/api/v1/instances/quote')).toMatchObject({
      status: 200,
      body: {
        hourly_rate_nano_usd: '3200000000',
        replicas: 2,
        hold_nano_usd: '307200000000',
        affordable: false,
        available: false,
      },
    });
    expect(await launch(gpu, '/api/v1/instances/quote')).toMatchObject({
      status: 200,
      body: { hold_nano_usd: '0', affordable: true, available: true, replicas: 2 },
    });
  });

  it('creates nothing when the balance does not cover the hold', async () => {
    registry.authBilling.balances.set('acc_a', 307_199_999_999n);
    const before = await countInstances();
    expect(await launch(priced)).toMatchObject({ status: 402, body: { error: { code: 'insufficient_balance' } } });
    expect(await countInstances()).toBe(before);
  });

  it('is refused for want of capacity before anything is held', async () => {
    registry.authBilling.balances.set('acc_a', 10_000_000_000_000n);
    registry.authBilling.holds.clear();
    expect(await launch(priced)).toMatchObject({ status: 409, body: { error: { code: 'insufficient_capacity' } } });
    expect(registry.authBilling.holds.size).toBe(0);
  });
});

describe('an instance', () => {
  it('is invisible to other accounts, whatever they try', async () => {
    const id = await registry.launch('acc_a');
    const external = { pods: [{ region: 'mv', url: 'http://127.0.0.1:9000' }] };
    const calls = [
      ['GET', ''],
      ['POST', '/stop'],
      ['POST', '/start'],
      ['POST', '/terminate'],
      ['PUT', '/pods', external],
      ['GET', '/events'],
      ['GET', '/logs'],
      ['GET', '/metrics'],
    ] as const;
    for (const [method, path, body] of calls) {
      const answer = await registry.call('acc_b', method, `/api/v1/instances/${id}${path}`, body);
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'instance_not_found' } } });
      const unknown = await registry.call('acc_b', method, `/api/v1/instances/987654${path}`, body);
      expect(unknown.body.error.message.replace('987654', String(id))).toBe(answer.body.error.message);
    }
    expect((await registry.call('acc_b', 'GET', '/api/v1/instances')).body.data).toEqual([]);
    expect((await registry.get('acc_a', id)).desired_state).toBe('running');
  });

  it('has its metrics asked of billing for its own account, by what callers write', async () => {
    const id = await registry.launch('acc_a', { model_id: modelId });
    const path = `/api/v1/instances/${id}/metrics`;
    expect(await registry.call('acc_a', 'GET', `${path}?buckets=4`)).toMatchObject({
      status: 200,
      body: { total: { calls: 0 } },
    });
    expect(registry.authBilling.metricsAsked.at(-1)).toEqual({
      ...{ account_id: 'acc_a', instance_id: String(id), model: `my-llama:${id}`, buckets: '4' },
    });
    expect(await registry.call('acc_a', 'GET', `${path}?since=1`)).toMatchObject({ status: 400 });
  });

  it.each(['0', '0142', 'x', '1e3', '9223372036854775808', '-1'])('is not found under the number %s', async (id) => {
    expect(await registry.call('acc_a', 'GET', `/api/v1/instances/${id}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'instance_not_found' } },
    });
  });

  it('shows no environment and keeps it sealed', async () => {
    const made = await launch({ ...gpu, env: { TOKEN: 'very-secret-value' } });
    expect(JSON.stringify(made.body)).not.toContain('very-secret');
    const [dump] = await registry.database.client.$queryRaw<
      { text: string }[]
    >`SELECT string_agg(instances::text, ' ') AS text FROM instances`;
    expect(dump?.text).not.toContain(Buffer.from('very-secret').toString('hex'));
    expect(JSON.stringify(await registry.internal('/projections/instances'))).not.toContain('very-secret');
  });
});

describe('regions and operators', () => {
  it('shows regions without their gateways, healthy once a gateway was heard of', async () => {
    const before = await registry.call('acc_a', 'GET', '/api/v1/regions');
    expect(before.body.data).toEqual([
      { region: 'ga', name: 'GA', state: 'active', healthy: false },
      { region: 'mv', name: 'MV', state: 'active', healthy: false },
    ]);
    await registry.internal('/gateways/mv/deployments');
    const after = await registry.call('acc_a', 'GET', '/api/v1/regions');
    expect(after.body.data).toContainEqual({ region: 'mv', name: 'MV', state: 'active', healthy: true });
  });

  it('launches nothing new in a region that is drained, and tells the bus', async () => {
    expect(await registry.admin('PATCH', '/regions/ga', { state: 'draining' })).toMatchObject({
      status: 200,
      body: { state: 'draining' },
    });
    expect(await launch(gpu)).toMatchObject({ status: 409, body: { error: { code: 'insufficient_capacity' } } });
    expect((await registry.events(TOPIC.regionChanged, 'ga')).at(-1)).toMatchObject({
      region: 'ga',
      state: 'draining',
      gateway_url: 'http://127.0.0.1:9/ga',
    });
    await registry.admin('PATCH', '/regions/ga', { state: 'active' });
    expect((await registry.admin('PATCH', '/regions/zz', { state: 'active' })).status).toBe(404);
    expect(await registry.admin('PUT', '/regions/UP', {})).toMatchObject({ status: 400 });
  });

  it('lets operators in by token only, sets prices at billing, and audits every call', async () => {
    const id = await registry.launch('acc_a');
    expect((await registry.admin('GET', '/instances', undefined, 'wrong-token-wrong')).status).toBe(401);
    const prices = { input_nano_usd_per_1m_tokens: '50000000' };
    expect(await registry.admin('PATCH', `/instances/${id}`, { prices })).toMatchObject({
      status: 200,
      body: { prices, account_id: 'acc_a' },
    });
    expect((await registry.get('acc_a', id)).prices).toEqual(prices);
    const entry = { admin_name: 'tester', method: 'PATCH', path: `/admin/v1/instances/${id}`, status: 200 };
    const isEntry = (audit: unknown): boolean =>
      Object.entries(entry).every(([name, value]) => Reflect.get(Object(audit), name) === value);
    await waitFor(() => registry.authBilling.audits.some(isEntry), { timeoutMs: 30_000, what: 'the entry of the audit log' });
    const list = await registry.admin('GET', '/instances?account_id=acc_a&limit=1');
    expect(list.body).toMatchObject({ has_more: true, data: [{ id, account_id: 'acc_a' }] });
  });

  it('answers internal calls to nobody without the secret', async () => {
    expect((await registry.internal('/projections/instances', 'wrong')).status).toBe(404);
    expect((await registry.internal('/gateways/mv/deployments', '')).status).toBe(404);
  });
});
