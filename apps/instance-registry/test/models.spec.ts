import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 180_000);

afterAll(() => registry.close());

const source = { kind: 'huggingface', repo: 'demo/my-llama', token: 'hf_secret_token' };

describe('a model', () => {
  it('never shows its token, nor keeps it readable', async () => {
    const made = await registry.call('acc_a', 'POST', '/api/v1/models', { name: 'with-token', category: 'chat', source });
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'with-token',
        served_model_name: 'with-token',
        source: { kind: 'huggingface', repo: 'demo/my-llama', revision: 'main', has_token: true },
      },
    });
    expect(made.body.id).toMatch(/^mdl_/);
    expect(JSON.stringify(made.body)).not.toContain('hf_secret');
    const [dump] = await registry.database.client.$queryRaw<
      { text: string }[]
    >`SELECT string_agg(models::text, ' ') AS text FROM models`;
    expect(dump?.text).not.toContain('hf_secret');
    expect(dump?.text).not.toContain(Buffer.from('hf_secret').toString('hex'));
  });

  it('takes what the pod calls it beside the source or in it, and says so on reading', async () => {
    const inside = { kind: 'external', served_model_name: 'llama3.2:3b' };
    const made = await registry.call('acc_a', 'POST', '/api/v1/models', { name: 'inside', category: 'chat', source: inside });
    expect(made).toMatchObject({ status: 201, body: { served_model_name: 'llama3.2:3b', source: { kind: 'external' } } });
    const changed = { source: { kind: 'external', served_model_name: 'llama3.2:1b' } };
    expect(await registry.call('acc_a', 'PATCH', `/api/v1/models/${made.body.id}`, changed)).toMatchObject({
      status: 200,
      body: { served_model_name: 'llama3.2:1b' },
    });
  });

  it('has a name of its own in its account, which other accounts may use too', async () => {
    await registry.createModel('acc_a', { name: 'twin' });
    const again = await registry.call('acc_a', 'POST', '/api/v1/models', { name: 'twin', category: 'chat', source });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'name_taken', param: 'name' } } });
    await registry.createModel('acc_b', { name: 'twin' });
    const other = await registry.createModel('acc_a', { name: 'other' });
    expect(await registry.call('acc_a', 'PATCH', `/api/v1/models/${other}`, { name: 'twin' })).toMatchObject({ status: 409 });
  });

  it('is invisible to other accounts, whatever they try', async () => {
    const id = await registry.createModel('acc_a');
    for (const [method, body] of [['GET'], ['PATCH', { name: 'stolen' }], ['DELETE']] as const) {
      expect(await registry.call('acc_b', method, `/api/v1/models/${id}`, body)).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found' } },
      });
    }
    const launch = await registry.call('acc_b', 'POST', '/api/v1/instances', {
      model_id: id,
      gpu_type: 'sim-small',
      gpu_count: 1,
      image: 'x',
    });
    expect(launch).toMatchObject({ status: 404, body: { error: { param: 'model_id' } } });
    const list = await registry.call('acc_b', 'GET', '/api/v1/models?limit=100');
    expect(list.body.data.map((model: { id: string }) => model.id)).not.toContain(id);
  });

  it('is neither renamed nor deleted while it has instances, but what pods call it can be set right', async () => {
    const id = await registry.createModel('acc_a', { name: 'in-use' });
    const instance = await registry.launch('acc_a', { model_id: id });
    expect(await registry.call('acc_a', 'PATCH', `/api/v1/models/${id}`, { name: 'new' })).toMatchObject({
      status: 409,
      body: { error: { code: 'model_in_use' } },
    });
    expect(await registry.call('acc_a', 'DELETE', `/api/v1/models/${id}`)).toMatchObject({
      status: 409,
      body: { error: { code: 'model_in_use' } },
    });
    expect(await registry.call('acc_a', 'PATCH', `/api/v1/models/${id}`, { served_model_name: 'llama3.2:3b' })).toMatchObject({
      status: 200,
    });
    const deployments = await registry.internal('/gateways/mv/deployments');
    expect(deployments.body.items).toContainEqual(
      expect.objectContaining({ instance_id: instance, served_model_name: 'llama3.2:3b' }),
    );
    await registry.call('acc_a', 'POST', `/api/v1/instances/${instance}/terminate`);
    await registry.until('acc_a', instance, { state: 'terminated' });
    expect(await registry.call('acc_a', 'PATCH', `/api/v1/models/${id}`, { name: 'new' })).toMatchObject({
      status: 200,
      body: { name: 'new' },
    });
    expect((await registry.call('acc_a', 'DELETE', `/api/v1/models/${id}`)).status).toBe(204);
    expect((await registry.get('acc_a', instance)).model).toBe(`in-use:${instance}`);
  });

  it.each([
    [{ name: 'a:b', category: 'chat', source }, 'name'],
    [{ name: 'x', category: 'poetry', source }, 'category'],
    [{ name: 'x', category: 'chat' }, 'source'],
    [{ name: 'x', category: 'chat', source: { kind: 'huggingface' } }, 'source.repo'],
    [{ name: 'x', category: 'chat', source, colour: 1 }, 'colour'],
    [{ name: 'x', category: 'chat', source: { kind: 'external', url: 'x' } }, 'source.url'],
  ])('is refused by the name of the field at fault: %j', async (body, param) => {
    const answer = await registry.call('acc_a', 'POST', '/api/v1/models', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(answer.body.error.param).toMatch(new RegExp(`^${param.replace('.', '\\.')}`));
  });
});

describe('a list', () => {
  it('is walked newest first, forwards and back, without gaps', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.unshift(await registry.createModel('acc_list'));
    const page = async (query: string) => (await registry.call('acc_list', 'GET', `/api/v1/models?${query}`)).body;
    const first = await page('limit=2');
    expect(first).toMatchObject({ object: 'list', has_more: true, first_id: made[0], last_id: made[1] });
    const second = await page(`limit=2&after=${first.last_id}`);
    expect([second.first_id, second.last_id, second.has_more]).toEqual([made[2], made[3], true]);
    const third = await page(`limit=2&after=${second.last_id}`);
    expect([third.first_id, third.has_more]).toEqual([made[4], false]);
    const back = await page(`limit=2&before=${made[4]}`);
    expect([back.first_id, back.last_id, back.has_more]).toEqual([made[2], made[3], true]);
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'order=asc'])('refuses ?%s', async (query) => {
    expect((await registry.call('acc_list', 'GET', `/api/v1/models?${query}`)).status).toBe(400);
  });

  it('needs a session or a key', async () => {
    expect(await registry.request('GET', '/api/v1/models', {})).toMatchObject({
      status: 401,
      body: { error: { code: 'session_required' } },
    });
  });
});
