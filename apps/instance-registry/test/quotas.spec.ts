import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 180_000);

afterAll(() => registry.close());

const REACHED = { status: 409, body: { error: { code: 'quota_reached' } } };

async function launch(account: string, model_id: string, pods: number, port = 9_000) {
  const named = Array.from({ length: pods }, (_, index) => ({ region: 'mv', url: `http://10.2.0.1:${port + index}` }));
  return registry.call(account, 'POST', '/api/v1/instances', { model_id, pods: named });
}

it('an account has at most 200 models, however many are made at once', async () => {
  const source = { kind: 'external' };
  await registry.database.client.model.createMany({
    data: Array.from({ length: 197 }, (_, index) => ({
      id: `mdl_q${index}`,
      accountId: 'acc_m',
      name: `q${index}`,
      category: 'chat',
      source,
    })),
  });
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      registry.call('acc_m', 'POST', '/api/v1/models', { name: `late-${index}`, category: 'chat', source }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409, 409, 409]);
  expect(answers.find(({ status }) => status === 409)).toMatchObject(REACHED);
  expect(await registry.database.client.model.count({ where: { accountId: 'acc_m' } })).toBe(200);
});

it('an account has at most 50 instances that are not terminated', async () => {
  const model_id = await registry.createModel('acc_i', { source: { kind: 'external' } });
  const first = await launch('acc_i', model_id, 1);
  for (let made = 1; made < 50; made += 1) expect(await launch('acc_i', model_id, 1)).toMatchObject({ status: 201 });
  expect(await launch('acc_i', model_id, 1)).toMatchObject(REACHED);
  await registry.call('acc_i', 'POST', `/api/v1/instances/${first.body.id}/terminate`);
  await registry.observe(first.body.id, 'mv', []);
  await registry.until('acc_i', first.body.id, { state: 'terminated' });
  expect(await launch('acc_i', model_id, 1)).toMatchObject({ status: 201 });
}, 180_000);

it('an account has at most 256 pods, named or run, by launch and by replacement', async () => {
  const model_id = await registry.createModel('acc_p', { source: { kind: 'external' } });
  for (const port of [1_000, 2_000, 3_000]) expect(await launch('acc_p', model_id, 64, port)).toMatchObject({ status: 201 });
  const last = await launch('acc_p', model_id, 63, 4_000);
  expect(await launch('acc_p', model_id, 2, 5_000)).toMatchObject(REACHED);
  const pods = Array.from({ length: 64 }, (_, index) => ({ region: 'mv', url: `http://10.2.0.1:${4_000 + index}` }));
  expect(await registry.call('acc_p', 'PUT', `/api/v1/instances/${last.body.id}/pods`, { pods })).toMatchObject({ status: 200 });
  expect(await launch('acc_p', model_id, 1, 5_000)).toMatchObject(REACHED);
  const gpu = { model_id: await registry.createModel('acc_p'), gpu_type: 'sim-small', gpu_count: 1, image: 'simulator' };
  expect(await registry.call('acc_p', 'POST', '/api/v1/instances', gpu)).toMatchObject(REACHED);
}, 180_000);

it('an account tests at most 10 pods a minute, and others are not held up by it', async () => {
  const test = (account: string) => registry.call(account, 'POST', '/api/v1/instances/test-pod', { url: 'http://127.0.0.1:1' });
  for (let count = 0; count < 10; count += 1) expect((await test('acc_t')).status).toBe(200);
  expect(await test('acc_t')).toMatchObject({ status: 429, body: { error: { code: 'rate_limit_exceeded' } } });
  expect((await test('acc_u')).status).toBe(200);
});
