import { instanceRecord, platformModelRecord, TOPIC } from '@ecolink/contracts';
import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 60_000);

afterAll(() => registry.close());

const ID = 'meta-llama/Llama-3.1-8B-Instruct';
const PATH = `/platform-models/${encodeURIComponent(ID)}`;
const prices = { input_nano_usd_per_1m_tokens: '50000000', output_nano_usd_per_1m_tokens: '80000000' };
const body = { display_name: 'Llama 3.1 8B (simulated)', category: 'chat', context_length: 131_072, status: 'active' };

describe('a platform model', () => {
  it('is an instance that no customer can see, beside the customers numbers, with its price at billing', async () => {
    const made = await registry.admin('PUT', PATH, {
      ...body,
      prices,
      simulated: { regions: ['mv', 'ga'], replicas_per_region: 1 },
    });
    expect(made).toMatchObject({
      status: 200,
      body: { id: ID, status: 'active', prices, state: 'pending', served_model_name: ID },
    });
    const model = platformModelRecord.parse((await registry.events(TOPIC.modelChanged, ID))[0]);
    expect(model.instance_id).toBeGreaterThanOrEqual(1_000_000_000);
    const record = instanceRecord.parse((await registry.events(TOPIC.instanceChanged, String(model.instance_id)))[0]);
    expect(record).toMatchObject({ kind: 'platform', account_id: null, platform_model_id: ID, model_name: ID, state: 'pending' });
    expect(registry.authBilling.prices.get(`platform:${ID}`)?.prices).toEqual(prices);
    expect((await registry.call('acc_a', 'GET', `/api/v1/instances/${model.instance_id}`)).status).toBe(404);
    expect((await registry.admin('GET', `/instances/${model.instance_id}`)).status).toBe(404);
    expect(await registry.launch('acc_a')).toBe(142);
  });

  it('keeps its price and its pods when they are left out, and changes what is given', async () => {
    const pods = [{ region: 'mv', url: 'http://127.0.0.1:9000', api_key: 'sk-platform', weight: 3 }];
    expect(await registry.admin('PUT', PATH, { ...body, pods })).toMatchObject({
      body: { prices, pods: [{ region: 'mv', url: 'http://127.0.0.1:9000', has_api_key: true, weight: 3 }] },
    });
    const later = await registry.admin('PUT', PATH, {
      ...body,
      display_name: 'New name',
      status: 'inactive',
      served_model_name: 'llama',
    });
    expect(later).toMatchObject({
      status: 200,
      body: { display_name: 'New name', status: 'inactive', served_model_name: 'llama', prices, pods: [{ weight: 3 }] },
    });
    expect(JSON.stringify(later.body)).not.toContain('sk-platform');
    const deployments = await registry.internal('/gateways/mv/deployments');
    expect(deployments.body.items).toContainEqual(
      expect.objectContaining({
        kind: 'platform',
        desired_state: 'stopped',
        served_model_name: 'llama',
        pods: [expect.objectContaining({ api_key: 'sk-platform' })],
      }),
    );
    const versions = (await registry.events(TOPIC.modelChanged, ID)).map((record) => record.version);
    expect(versions).toEqual([1, 2, 3]);
    await registry.admin('PUT', PATH, { ...body, prices: {} });
    expect((await registry.admin('GET', PATH)).body.prices).toEqual({});
  });

  it.each([
    [{ ...body, pods: [{ region: 'mv', url: 'http://169.254.169.254' }] }, 'url_not_allowed', 'pods[0].url'],
    [{ ...body, pods: [{ region: 'zz', url: 'http://127.0.0.1:9000' }] }, 'invalid_request', 'pods[0].region'],
    [{ ...body, prices: { input: '1' } }, 'invalid_request', 'prices.input'],
    [{ ...body, pods: [], simulated: { regions: ['mv'] } }, 'invalid_request', 'simulated'],
    [{ ...body, simulated: { regions: ['zz'] } }, 'invalid_request', 'simulated.regions[0]'],
  ])('is refused by the name of the field at fault: %j', async (wrong, code, param) => {
    expect(await registry.admin('PUT', '/platform-models/other', wrong)).toMatchObject({
      status: 400,
      body: { error: { code, param } },
    });
    expect((await registry.admin('GET', '/platform-models/other')).status).toBe(404);
    expect(registry.authBilling.prices.has('platform:other')).toBe(false);
  });

  it('is made once when two operators make it at the same time', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => registry.admin('PUT', '/platform-models/race', { ...body, simulated: { regions: ['mv'] } })),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(await registry.database.client.instance.count({ where: { platformModelId: 'race' } })).toBe(1);
    const list = await registry.admin('GET', '/platform-models');
    expect(list.body.data.map((model: { id: string }) => model.id)).toEqual(['race', ID]);
  });
});

describe('projections', () => {
  it('give everything first and then what changed, in pages', async () => {
    const all: number[] = [];
    for (let after = ''; ;) {
      const page = await registry.internal(`/projections/instances?limit=1${after === '' ? '' : `&after=${after}`}`);
      all.push(...page.body.items.map((item: unknown) => instanceRecord.parse(item).instance_id));
      if (page.body.next === null) break;
      after = page.body.next;
    }
    expect(all.length).toBe(await registry.database.client.instance.count());
    const { cursor } = (await registry.internal('/projections/instances')).body;
    expect((await registry.internal(`/projections/instances?since=${cursor}`)).body.items).toEqual([]);
    const id = await registry.launch('acc_a');
    const changed = await registry.internal(`/projections/instances?since=${cursor}`);
    expect(changed.body.items.map((item: { instance_id: number }) => item.instance_id)).toEqual([id]);
  });

  it('do not lose a change that commits after a later one was read', async () => {
    const early = await registry.launch('acc_a');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let touched: () => void = () => undefined;
    const isTouched = new Promise<void>((resolve) => (touched = resolve));
    const open = registry.database.transaction(async (transaction) => {
      await transaction.instance.update({ where: { id: BigInt(early) }, data: { name: 'late' } });
      touched();
      await held;
    });
    await isTouched;
    await registry.launch('acc_a');
    const { cursor } = (await registry.internal('/projections/instances')).body;
    release();
    await open;
    const changed = await registry.internal(`/projections/instances?since=${cursor}`);
    expect(changed.body.items.map((item: { instance_id: number }) => item.instance_id)).toContain(early);
  });

  it('give regions and platform models', async () => {
    expect((await registry.internal('/projections/regions')).body.items).toMatchObject([
      { region: 'ga' },
      { region: 'mv', gateway_url: 'http://127.0.0.1:9/mv' },
    ]);
    const models = (await registry.internal('/projections/platform-models')).body.items;
    expect(models.map((item: unknown) => platformModelRecord.parse(item).platform_model_id).sort()).toEqual([ID, 'race']);
  });
});
