import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start({ podNetworks: ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '198.51.100.0/24'] });
}, 180_000);

afterAll(() => registry.close());

async function launch(account: string, url: string) {
  const model_id = await registry.createModel(account, { source: { kind: 'external' } });
  return registry.call(account, 'POST', '/api/v1/instances', { model_id, pods: [{ region: 'mv', url }] });
}

let freePort = 1;

/** Every way in: launch, quote, replacement of pods, test. */
async function expectRefused(account: string, url: string): Promise<void> {
  const words = `port ${new URL(url).port} is EcoLink's own, which ECOLINK_POD_NETWORKS can never allow`;
  const expected = { status: 400, body: { error: { code: 'url_not_allowed', message: expect.stringContaining(words) } } };
  expect(await launch(account, url)).toMatchObject(expected);
  const model_id = await registry.createModel(account, { source: { kind: 'external' } });
  const body = { model_id, pods: [{ region: 'mv', url }] };
  expect(await registry.call(account, 'POST', '/api/v1/instances/quote', body)).toMatchObject(expected);
  freePort += 1;
  const own = await launch(account, `http://10.9.9.9:${freePort}`);
  expect(await registry.call(account, 'PUT', `/api/v1/instances/${own.body.id}/pods`, { pods: body.pods })).toMatchObject(
    expected,
  );
  expect(await registry.call(account, 'POST', '/api/v1/instances/test-pod', { url })).toMatchObject(expected);
  expect(await registry.call(account, 'POST', `/api/v1/instances/${own.body.id}/terminate`)).toMatchObject({ status: 200 });
}

describe("a pod of a platform model is refused as an account's own", () => {
  it('by its resolved address and port, in private and public ranges, however it is written', async () => {
    const put = (id: string, url: string) =>
      registry.admin('PUT', `/platform-models/${id}`, { display_name: id, category: 'chat', pods: [{ region: 'mv', url }] });
    expect(await put('p1', 'http://127.0.0.1:7101')).toMatchObject({ status: 200 });
    expect(await put('p2', 'http://198.51.100.7:7102')).toMatchObject({ status: 200 });
    await expectRefused('acc_p', 'http://127.0.0.1:7101');
    await expectRefused('acc_q', 'http://[::1]:7101');
    await expectRefused('acc_r', 'http://localhost:7101/prefix');
    await expectRefused('acc_s', 'http://198.51.100.7:7102');
    expect(await launch('acc_p', 'http://198.51.100.7:7103')).toMatchObject({ status: 201 });
  }, 120_000);

  it('though several platform models may share a server', async () => {
    for (const id of ['p3', 'p4']) {
      const pods = [{ region: 'mv', url: 'http://127.0.0.1:7111' }];
      const answer = await registry.admin('PUT', `/platform-models/${id}`, { display_name: id, category: 'chat', pods });
      expect(answer).toMatchObject({ status: 200 });
    }
  });
});

it('a pod that a driver runs is refused as soon as its gateway has told where it listens, and no longer than it listens', async () => {
  const id = await registry.launch('acc_d');
  await registry.observe(id, 'mv', [{ address: { host: '127.0.0.1', port: 7201 } }]);
  await registry.until('acc_d', id, { state: 'running' });
  await expectRefused('acc_d', 'http://127.0.0.1:7201');
  await expectRefused('acc_e', 'http://127.0.0.1:7201');
  await registry.observe(id, 'mv', [{ address: { host: '127.0.0.1', port: 7202 }, reason: 'moved' }]);
  await registry.observed(id, 'mv');
  await expectRefused('acc_f', 'http://127.0.0.1:7202');
  expect(await launch('acc_e', 'http://127.0.0.1:7201')).toMatchObject({ status: 201 });
}, 120_000);

describe("another account's pod", () => {
  it('is refused in loopback and private ranges until its instance is terminated', async () => {
    const { body } = await launch('acc_1', 'http://10.1.1.1:7301');
    expect(await launch('acc_1', 'http://10.1.1.1:7301')).toMatchObject({ status: 201 });
    await expectRefused('acc_2', 'http://10.1.1.1:7301');
    const other = await launch('acc_1', 'http://10.1.1.1:7302');
    await registry.call('acc_1', 'POST', `/api/v1/instances/${other.body.id}/terminate`);
    await registry.observe(other.body.id, 'mv', []);
    await registry.until('acc_1', other.body.id, { state: 'terminated' });
    expect(await launch('acc_2', 'http://10.1.1.1:7302')).toMatchObject({ status: 201 });
    expect(body.state).toBe('pending');
  }, 120_000);

  it('may be shared at public addresses', async () => {
    expect(await launch('acc_1', 'http://198.51.100.9:443')).toMatchObject({ status: 201 });
    expect(await launch('acc_2', 'http://198.51.100.9:443')).toMatchObject({ status: 201 });
  });

  it('goes to one of two accounts that name it at once', async () => {
    const answers = await Promise.all(['acc_x', 'acc_y', 'acc_z'].map((account) => launch(account, 'http://10.1.1.2:7303')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400]);
  });
});
