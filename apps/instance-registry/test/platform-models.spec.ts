import { instanceRecord, platformModelRecord, regionRecord, TOPIC } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 180_000);

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
      body: { display_name: 'New name', status: 'disabled', served_model_name: 'llama', prices, pods: [{ weight: 3 }] },
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

describe('a platform model', () => {
  const inFleet = async (id: string) => platformModelRecord.parse((await registry.events(TOPIC.modelChanged, id)).at(-1));
  const instanceOf = async (id: string) => {
    const { instance_id: number } = await inFleet(id);
    return instanceRecord.parse((await registry.events(TOPIC.instanceChanged, String(number))).at(-1));
  };

  it('is changed in part by PATCH: its status, how its pods share its calls, and nothing else', async () => {
    const pods = [{ region: 'mv', url: 'http://127.0.0.1:9100', weight: 3 }];
    await registry.admin('PUT', '/platform-models/parts', { ...body, served_model_name: 'served', prices, pods });
    const patched = await registry.admin('PATCH', '/platform-models/parts', { status: 'deprecated', strategy: 'prefix' });
    expect(patched).toMatchObject({
      status: 200,
      body: { ...body, status: 'deprecated', strategy: 'prefix', served_model_name: 'served', prices, pods },
    });
    expect(await inFleet('parts')).toMatchObject({ status: 'active', state: 'deprecated' });
    expect(await instanceOf('parts')).toMatchObject({ desired_state: 'running', strategy: 'prefix' });

    await registry.admin('PATCH', '/platform-models/parts', { status: 'disabled', pods: [{ ...pods[0], weight: 7 }] });
    expect(await registry.admin('GET', '/platform-models/parts')).toMatchObject({
      body: { status: 'disabled', strategy: 'prefix', pods: [{ weight: 7 }] },
    });
    expect(await inFleet('parts')).toMatchObject({ status: 'inactive', state: 'disabled' });
    expect(await instanceOf('parts')).toMatchObject({ desired_state: 'stopped' });
    const audits = registry.authBilling.audits as Record<string, unknown>[];
    const isDisabling = ({ method, target, after }: Record<string, unknown>): boolean =>
      method === 'PATCH' && target === 'parts' && Reflect.get(Object(after), 'status') === 'disabled';
    const entry = await waitFor(() => audits.find(isDisabling), { timeoutMs: 30_000, what: 'the entry of the audit log' });
    expect(entry).toMatchObject({ before: { status: 'deprecated', strategy: 'prefix' }, after: { pods: [{ weight: 7 }] } });
  });

  it.each([
    ['PATCH', '/platform-models/nobody', { status: 'active' }, 404, 'not_found', null],
    ['PATCH', '/platform-models/race', {}, 400, 'invalid_request', null],
    ['PATCH', '/platform-models/race', { status: 'retired' }, 400, 'invalid_request', 'status'],
    ['PATCH', '/platform-models/race', { strategy: 'random' }, 400, 'invalid_request', 'strategy'],
    ['PATCH', '/platform-models/race', { category: 'image' }, 400, 'invalid_request', 'category'],
    ['DELETE', '/platform-models/nobody', undefined, 404, 'not_found', null],
    ['DELETE', '/regions/zz', undefined, 404, 'not_found', null],
  ])('is not changed by %s %s %j', async (method, path, change, status, code, param) => {
    expect(await registry.admin(method, path, change)).toMatchObject({ status, body: { error: { code, param } } });
  });

  it('is deleted once no instance of a customer uses it; made again it is another one, without the price of the first', async () => {
    await registry.admin('PUT', '/platform-models/short-lived', { ...body, prices, simulated: { regions: ['mv'] } });
    const first = await inFleet('short-lived');
    const source = { kind: 'platform', platform_model_id: 'short-lived' };
    const user = await registry.launch('acc_a', { model_id: await registry.createModel('acc_a', { source }) });
    expect(await registry.admin('DELETE', '/platform-models/short-lived')).toMatchObject({
      status: 409,
      body: { error: { code: 'model_in_use' } },
    });
    await registry.database.client.instance.update({ where: { id: BigInt(user) }, data: { state: 'terminated' } });
    expect((await registry.admin('DELETE', '/platform-models/short-lived')).status).toBe(204);
    expect((await registry.admin('DELETE', '/platform-models/short-lived')).status).toBe(404);
    expect((await registry.admin('GET', '/platform-models/short-lived')).status).toBe(404);
    expect((await registry.admin('PATCH', '/platform-models/short-lived', { status: 'active' })).status).toBe(404);
    const listed = (await registry.admin('GET', '/platform-models')).body.data.map(({ id }: { id: string }) => id);
    expect(listed).not.toContain('short-lived');
    expect(await inFleet('short-lived')).toMatchObject({ status: 'inactive', deleted: true });
    expect(await instanceOf('short-lived')).toMatchObject({ desired_state: 'terminated', termination_reason: 'admin' });

    const again = await registry.admin('PUT', '/platform-models/short-lived', body);
    expect(again).toMatchObject({ status: 200, body: { status: 'active', prices: {}, pods: [] } });
    const second = await inFleet('short-lived');
    expect(second.deleted).toBeUndefined();
    expect(second.instance_id).not.toBe(first.instance_id);
    expect(second.version).toBeGreaterThan(first.version);
  });
});

describe('a region', () => {
  const region = async () => regionRecord.parse((await registry.events(TOPIC.regionChanged, 'br')).at(-1));

  it('is deleted once nothing is to run there, and is another one when it is made again', async () => {
    await registry.putRegion('br');
    const simulated = (regions: string[]) => ({ ...body, simulated: { regions } });
    await registry.admin('PUT', '/platform-models/of-br', simulated(['br', 'mv']));
    expect(await registry.admin('DELETE', '/regions/br')).toMatchObject({
      status: 409,
      body: { error: { code: 'invalid_state' } },
    });
    await registry.admin('PUT', '/platform-models/of-br', simulated(['mv']));
    expect((await registry.admin('DELETE', '/regions/br')).status).toBe(204);
    expect(await region()).toMatchObject({ state: 'disabled', deleted: true });
    const codes = async (path: string) =>
      (await registry.call('acc_a', 'GET', path)).body.data.map(({ region: code }: { region: string }) => code);
    expect(await codes('/api/v1/regions')).toEqual(['ga', 'mv']);
    expect((await registry.admin('PATCH', '/regions/br', { name: 'Brazil' })).status).toBe(404);
    expect(await registry.admin('PUT', '/platform-models/of-br', simulated(['br']))).toMatchObject({
      status: 400,
      body: { error: { param: 'simulated.regions[0]' } },
    });
    // The history of what ran there is read on.
    expect((await registry.admin('GET', '/platform-models/of-br')).status).toBe(200);
    await registry.putRegion('br');
    expect(await region()).toMatchObject({ state: 'active' });
    expect((await region()).deleted).toBeUndefined();
  });

  it('is not deleted under a placement that is being written', async () => {
    await registry.putRegion('br');
    const puts = Array.from({ length: 6 }, (_, index) =>
      registry.admin('PUT', `/platform-models/contended-${index}`, { ...body, simulated: { regions: ['br'] } }),
    );
    const deleted = registry.admin('DELETE', '/regions/br');
    const statuses = (await Promise.all(puts)).map(({ status }) => status);
    const isDeleted = (await deleted).status === 204;
    const placed = await registry.database.client.deployment.count({ where: { region: 'br', replicas: { gt: 0 } } });
    expect(isDeleted ? 0 : statuses.filter((status) => status === 200).length).toBe(placed);
    for (const status of statuses) expect([200, 400, 409]).toContain(status);
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
    // A transaction of anybody on the database server that is as old as the last change keeps the cursor before it.
    const cursor = await waitFor(
      async () => {
        const at = (await registry.internal('/projections/instances')).body.cursor as string;
        const { body: since } = await registry.internal(`/projections/instances?since=${at}`);
        return since.items.length === 0 ? at : undefined;
      },
      { timeoutMs: 30_000, what: 'a cursor behind every change' },
    );
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
      { region: 'br' },
      { region: 'ga' },
      { region: 'mv', gateway_url: 'http://127.0.0.1:9/mv' },
    ]);
    const models = (await registry.internal('/projections/platform-models')).body.items;
    expect(models.map((item: unknown) => platformModelRecord.parse(item).platform_model_id)).toEqual(
      expect.arrayContaining([ID, 'race']),
    );
  });
});
