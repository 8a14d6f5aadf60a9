import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 180_000);

afterAll(() => registry.close());

const withKey = (account: string, path: string, body: unknown, key: string) =>
  registry.request('POST', path, { authorization: `Bearer eco_${account}`, 'idempotency-key': key }, body);

describe('a POST with an Idempotency-Key', () => {
  it('launches one instance, and gives it again', async () => {
    const model_id = await registry.createModel('acc_once');
    const body = { model_id, gpu_type: 'sim-small', gpu_count: 1, image: 'x' };
    const first = await withKey('acc_once', '/api/v1/instances', body, 'launch');
    const second = await withKey('acc_once', '/api/v1/instances', body, 'launch');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect((await registry.call('acc_once', 'GET', '/api/v1/instances')).body.data).toHaveLength(1);
  });

  it('gives the first answer of an action again, whatever has become of the instance', async () => {
    const id = await registry.launch('acc_stop');
    const first = await withKey('acc_stop', `/api/v1/instances/${id}/stop`, undefined, 'stop');
    await registry.call('acc_stop', 'POST', `/api/v1/instances/${id}/terminate`);
    expect(await withKey('acc_stop', `/api/v1/instances/${id}/stop`, undefined, 'stop')).toEqual(first);
  });

  it('belongs to its account', async () => {
    const body = { name: 'same', category: 'chat', source: { kind: 'external' } };
    const [left, right] = [
      await withKey('acc_left', '/api/v1/models', body, 'model'),
      await withKey('acc_right', '/api/v1/models', body, 'model'),
    ];
    expect([left.status, right.status]).toEqual([201, 201]);
    expect(left.body.id).not.toBe(right.body.id);
  });
});
