import { instanceRecord, TOPIC } from '@ecolink/contracts';
import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 180_000);

afterAll(() => registry.close());

const patch = (id: number, body: unknown, account = 'acc_a') => registry.call(account, 'PATCH', `/api/v1/instances/${id}`, body);
const revisions = async (id: number, query = '') =>
  (await registry.call('acc_a', 'GET', `/api/v1/instances/${id}/revisions${query}`)).body;

async function stopped(overrides: Record<string, unknown> = {}): Promise<number> {
  const id = await registry.launch('acc_a', overrides);
  await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/stop`);
  await registry.observe(id, 'mv', []);
  await registry.until('acc_a', id, { state: 'stopped' });
  return id;
}

describe('a change of an instance', () => {
  it('is the next revision, and what was before it can still be read, in pages', async () => {
    const id = await stopped({ args: ['--ttft-ms=5'], env: { TOKEN: 'secret-before' } });
    expect((await registry.get('acc_a', id)).revision).toBe(1);
    const changed = await patch(id, { image: 'other', args: [], env: { OTHER: 'secret-after' }, gpu_count: 2 });
    expect(changed).toMatchObject({ status: 200, body: { revision: 2, image: 'other', args: [], gpu_count: 2 } });
    expect(await patch(id, { name: 'renamed', health_path: '/ready' })).toMatchObject({
      body: { revision: 3, name: 'renamed', health_path: '/ready', image: 'other' },
    });
    const all = await revisions(id);
    expect(all.data.map((revision: { id: number }) => revision.id)).toEqual([3, 2, 1]);
    expect(all.data[2]).toMatchObject({
      definition: { image: 'simulator', args: ['--ttft-ms=5'], env_names: ['TOKEN'], gpu_count: 1, replicas: { mv: 1, ga: 1 } },
    });
    expect(all.data[1]).toMatchObject({ definition: { env_names: ['OTHER'], health_path: null }, created_by: 'key_1' });
    expect(JSON.stringify(all)).not.toContain('secret');
    const page = await revisions(id, '?limit=1&after=3');
    expect(page).toMatchObject({ has_more: true, data: [{ id: 2 }] });
    const deployments = await registry.internal('/gateways/mv/deployments');
    const told = deployments.body.items.find((item: { instance_id: number }) => item.instance_id === id);
    expect(told).toMatchObject({ image: 'other', env: { OTHER: 'secret-after' }, gpu_count: 2, health_path: '/ready' });
    expect((await registry.call('acc_a', 'GET', `/api/v1/instances/${id}/events?limit=1`)).body.data[0].kind).toBe('revised');
  });

  it('never touches what was: the database refuses it', async () => {
    const id = await registry.launch('acc_a');
    const { client } = registry.database;
    const change = client.$executeRaw`UPDATE instance_revisions SET created_by = 'me' WHERE instance_id = ${BigInt(id)}`;
    await expect(change).rejects.toThrow(/immutable/);
  });

  it.each([
    { image: 'other' },
    { args: ['--x'] },
    { env: { A: '1' } },
    { env: null },
    { gpu_count: 2 },
    { gpu_type: 'h100-80gb' },
  ])('of what running pods were started with is refused where the driver cannot roll: %j', async (change) => {
    const id = await registry.launch('acc_a');
    expect(await patch(id, change)).toMatchObject({
      status: 409,
      body: { error: { code: 'invalid_state', param: Object.keys(change)[0], message: expect.stringContaining('cannot roll') } },
    });
    expect(await registry.get('acc_a', id)).toMatchObject({ revision: 1, image: 'simulator' });
    expect((await revisions(id)).data).toHaveLength(1);
  });

  it('of what they need not be replaced for is in force at once', async () => {
    const id = await registry.launch('acc_a');
    expect(await patch(id, { custom_api_path: 'generate', inject_stream_usage: false })).toMatchObject({
      status: 200,
      body: { revision: 2, custom_api_path: 'generate', inject_stream_usage: false },
    });
  });

  it('of how its pods share its calls reaches routers and gateways by its event and its deployments', async () => {
    const id = await registry.launch('acc_a', { strategy: 'prefix' });
    expect(await patch(id, { strategy: 'session' })).toMatchObject({ status: 200, body: { revision: 2, strategy: 'session' } });
    expect(await patch(id, { name: 'renamed' })).toMatchObject({ body: { revision: 3, strategy: 'session' } });
    const told = async () => {
      const { body } = await registry.internal('/gateways/mv/deployments');
      return body.items.find((item: { instance_id: number }) => item.instance_id === id).strategy;
    };
    expect(instanceRecord.parse((await registry.events(TOPIC.instanceChanged, String(id))).at(-1)).strategy).toBe('session');
    expect(await told()).toBe('session');
    await patch(id, { strategy: 'round_robin' });
    expect(instanceRecord.parse((await registry.events(TOPIC.instanceChanged, String(id))).at(-1)).strategy).toBeUndefined();
    expect(await told()).toBeUndefined();
    const strategies = (await revisions(id)).data.map(
      ({ definition }: { definition: { strategy: string } }) => definition.strategy,
    );
    expect(strategies).toEqual(['round_robin', 'session', 'session', 'prefix']);
  });

  it.each([
    [{}, 'to change'],
    [{ colour: 'red' }, 'colour'],
    [{ strategy: 'random' }, 'strategy'],
    [{ id: 5 }, 'id'],
    [{ gpu_count: 0 }, 'gpu_count'],
    [{ gpu_count: 1e9 }, 'gpu_count'],
    [{ replicas: { mv: -1 } }, 'replicas.mv'],
    [{ replicas: { mv: 1_000_000 } }, 'replicas.mv'],
    [{ replicas: {} }, 'replicas'],
    [{ replicas: { zz: 1 } }, 'replicas.zz'],
    [{ gpu_type: 'abacus' }, 'gpu_type'],
    [{ custom_api_path: '../x' }, 'custom_api_path'],
    [{ name: '' }, 'name'],
  ])('that cannot be is refused by name, and changes nothing: %j', async (change, word) => {
    const id = await stopped();
    const answer = await patch(id, change);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(`${answer.body.error.param} ${answer.body.error.message}`).toContain(word);
    expect((await registry.get('acc_a', id)).revision).toBe(1);
  });

  it('is made by one of two that saw the same revision, and by nobody who saw an older one', async () => {
    const id = await stopped();
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => patch(id, { name, expected_revision: 1 })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect((await registry.get('acc_a', id)).revision).toBe(2);
  });

  it('of replicas: fewer while it runs, more once it is stopped, and its next start holds for them', async () => {
    const id = await registry.launch('acc_a', { replicas: { mv: 2, ga: 1 } });
    expect(await patch(id, { replicas: { mv: 3, ga: 1 } })).toMatchObject({
      status: 409,
      body: { error: { param: 'replicas' } },
    });
    expect(await patch(id, { replicas: { mv: 1 } })).toMatchObject({ status: 200, body: { regions: ['mv'] } });
    const [told] = (await registry.internal('/gateways/ga/deployments')).body.items.slice(-1);
    expect(told).toMatchObject({ instance_id: id, replicas: 0 });
    await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/stop`);
    await registry.observe(id, 'mv', []);
    await registry.until('acc_a', id, { state: 'stopped' });
    expect(await patch(id, { replicas: { mv: 2, ga: 3 } })).toMatchObject({ status: 200, body: { regions: ['ga', 'mv'] } });
    expect((await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/start`)).status).toBe(200);
    expect(registry.authBilling.holds.get(`${id}/2`)).toMatchObject({ replicas: 5 });
  });

  it("keeps a filesystem's model in its region, and servers that already run as they are", async () => {
    const model_id = await registry.createModel('acc_a', {
      source: { kind: 'filesystem', filesystem: 'f', path: '/m', region: 'ga' },
    });
    const pinned = await stopped({ model_id });
    expect(await patch(pinned, { replicas: { mv: 1 } })).toMatchObject({ status: 400, body: { error: { param: 'regions' } } });
    expect(await patch(pinned, { replicas: { ga: 2 } })).toMatchObject({ status: 400, body: { error: { param: 'replicas' } } });
    const external = await registry.launch('acc_a', { pods: [{ region: 'mv', url: 'http://127.0.0.1:9200' }] });
    expect(await patch(external, { image: 'x' })).toMatchObject({ status: 400, body: { error: { param: 'image' } } });
    expect(await patch(external, { health_path: '/up' })).toMatchObject({
      status: 200,
      body: { revision: 2, health_path: '/up' },
    });
  });

  it('is nobody else’s to make, nor to read, and not possible at the end', async () => {
    const id = await registry.launch('acc_a');
    expect(await patch(id, { name: 'mine' }, 'acc_b')).toMatchObject({
      status: 404,
      body: { error: { code: 'instance_not_found' } },
    });
    expect((await registry.call('acc_b', 'GET', `/api/v1/instances/${id}/revisions`)).status).toBe(404);
    await registry.call('acc_a', 'POST', `/api/v1/instances/${id}/terminate`);
    expect(await patch(id, { name: 'late' })).toMatchObject({ status: 409, body: { error: { code: 'invalid_state' } } });
  });
});
