import { jest } from '@jest/globals';
import { request as httpRequest } from 'node:http';
import { type ModelSimulator, startModelSimulator } from '@ecolink/model-simulator';
import {
  type Answer,
  type Customer,
  type LaunchedInstance,
  newCustomer,
  openProduct,
  type OpenProduct,
  podAddress,
  type ProductClient,
  waitFor,
} from '@ecolink/testing';
import { expectRefusal } from './support/expect-refusal.js';

let opened: OpenProduct;
let product: ProductClient;
let customer: Customer;
let pod: ModelSimulator;
let chat: LaunchedInstance;
let custom: LaunchedInstance;
let embedder: LaunchedInstance;

const SETUP_TIMEOUT_MS = 240_000;
/** For what comes soon on a machine that has nothing else to do. */
const PATIENCE_MS = 45_000;

jest.setTimeout(180_000);

const BODY_BYTES_MAX = 64 * 1_048_576;
const UNPRICED_MODEL = 'mistralai/Mistral-7B-Instruct-v0.3';

beforeAll(async () => {
  opened = await openProduct();
  ({ product } = opened);
  pod = await startModelSimulator({ ...podAddress(), model: 'llama3.2:3b', ttftMs: 1, tokensPerSecond: 0, category: 'custom' });
  customer = await newCustomer(product);
  const pods = [{ region: 'mv', url: pod.url }];
  [chat, custom, embedder] = await Promise.all([
    customer.launchAndWait(pods, { servedModelName: 'llama3.2:3b' }),
    customer.launchAndWait(pods, { launch: { openai_compatible: false, custom_api_path: 'generate' } }),
    customer.launchAndWait(pods, { category: 'embedding', servedModelName: 'llama3.2:3b' }),
  ]);
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  await pod?.close();
  await opened?.close();
}, SETUP_TIMEOUT_MS);

const ENDPOINTS = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings'];

describe.each(ENDPOINTS)('400 on %s', (endpoint) => {
  const send = (body: string, headers = {}) => customer.request(endpoint, { body, headers });

  it.each(['', 'no json', '{"model":', '[1]', '"my-llama:142"', 'null', '{"model":"a"} {}'])(
    'refuses a body that is not a JSON object: %j',
    async (body) => {
      expectRefusal(await send(body), 'invalid_request', null);
    },
  );

  it.each(['{}', '{"model":""}', '{"model":7}', '{"model":null}', '{"model":["a"]}', '{"messages":[{"model":"my-llama:142"}]}'])(
    'refuses a body without the name of a model, and says so: %s',
    async (body) => {
      expectRefusal(await send(body), 'invalid_request', 'model');
    },
  );

  it.each([
    ['plainly', '{"model":"a:1","x":0,"model":"b:2"}'],
    ['with an escaped letter', '{"model":"a:1","mod\\u0065l":"b:2"}'],
    ['escaped both times', '{"\\u006dodel":"a:1","model":"a:1"}'],
  ])('refuses a body that names model twice, %s', async (_how, body) => {
    expectRefusal(await send(body), 'invalid_request', 'model');
  });

  it('refuses a compressed body rather than bill what it cannot read', async () => {
    expectRefusal(await send('{}', { 'content-encoding': 'gzip' }), 'invalid_request', null);
  });

  it('answers 405 to another method, in the same shape', async () => {
    const answer = await customer.request(endpoint, { method: 'GET' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    expect(Object.keys(answer.body.error)).toEqual(['message', 'type', 'code', 'param']);
    expect(answer.headers.get('x-ecolink-request-id')).toMatch(/^req_/);
  });
});

describe('400 by kind and category', () => {
  it('sends a /v1 call of a custom instance to the URL where it is served', async () => {
    const { body } = expectRefusal(await customer.chat(custom.model), 'wrong_instance_kind', 'model');
    expect(body.error.message).toContain(`/inference-instances/${custom.id}/proxy/generate`);
  });

  it('sends a proxy call of an OpenAI-compatible instance to /v1 and its model', async () => {
    const answer = await customer.request(`/inference-instances/${chat.id}/proxy/generate`, { body: { prompt: 'Hello' } });
    const { body } = expectRefusal(answer, 'wrong_instance_kind', null);
    expect(body.error.message).toMatch(new RegExp(`/v1.*${chat.model}`));
  });

  it('refuses an endpoint of another category than the model, own or platform', async () => {
    expectRefusal(await customer.chat(embedder.model), 'wrong_category', 'model');
    expectRefusal(
      await customer.request('/v1/embeddings', { body: { model: chat.model, input: 'a' } }),
      'wrong_category',
      'model',
    );
    const platform = { model: 'meta-llama/Llama-3.1-8B-Instruct', input: 'a' };
    expectRefusal(await customer.request('/v1/embeddings', { body: platform }), 'wrong_category', 'model');
  });
});

describe('404', () => {
  const UNKNOWN = [
    'nobody/knows-this',
    'unknown:999999',
    'x:9223372036854775807',
    'x:9223372036854775808',
    'x:99999999999999999999',
    ':142',
    'x:',
    ':',
    'x:-1',
    'x:1e2',
    'x: 142',
    'x:0x8e',
    'x:١٤٢',
    'x:0',
    '__proto__',
    'constructor:1',
  ];

  it.each(UNKNOWN)('knows no model %j', async (model) => {
    const { body } = expectRefusal(await customer.chat(model), 'model_not_found', 'model');
    expect(body.error.message).toContain('unknown model or instance id');
  });

  it('takes an id with a leading zero for no id at all', async () => {
    expectRefusal(await customer.chat(`${chat.model.split(':')[0] ?? ''}:0${chat.id}`), 'model_not_found', 'model');
    expectRefusal(await customer.request(`/inference-instances/0${chat.id}/proxy/generate`), 'instance_not_found', null);
  });

  it('never reaches a GPU by a wrong name, nor by a part, another case or a longer one', async () => {
    const name = chat.model.split(':')[0] ?? '';
    const before = inferenceCalls();
    for (const wrong of ['other', name.slice(1), name.toUpperCase(), `${name}:3b`, `x/${name}`, ` ${name}`, `${name} `]) {
      expectRefusal(await customer.chat(`${wrong}:${chat.id}`), 'model_not_found', 'model');
    }
    expect(inferenceCalls()).toBe(before);
  });

  it.each(['999999', '9223372036854775808', 'abc', '1e2', '%31', '', '..'])('knows no instance %j on the proxy', async (id) => {
    const answer = await rawRequest(`/inference-instances/${id}/proxy/generate`, customer.key, { chunks: [Buffer.from('{}')] });
    expectRefusal(answer, 'instance_not_found', null);
  });

  it.each([
    'other',
    'generat',
    'generate2',
    'generateX/y',
    'Generate',
    '',
    '%67enerate',
    'generate/../health',
    'generate/%2e%2e/health',
    'generate/..%2fhealth',
    'generate/..%5chealth',
  ])('serves nothing beside the custom path: %j', async (path) => {
    const before = pod.stats().requests;
    const answer = await rawRequest(`/inference-instances/${custom.id}/proxy/${path}`, customer.key, {
      chunks: [Buffer.from('{}')],
    });
    expectRefusal(answer, 'path_not_allowed', null);
    expect(proxiedSince(before, path)).toEqual([]);
  });

  it.each([
    '/v1/nothing',
    '/v1',
    '/',
    '/v2/chat/completions',
    '/v1/chat/completions/',
    '/api/v1/nothing',
    '/consoles',
    '/internal/authorize',
    '/internal/projections/keys',
  ])('answers a path that does not exist in the same shape: %s', async (path) => {
    expectRefusal(await customer.request(path, { method: 'POST', body: {} }), 'not_found', null);
  });

  it('knows no stopped or terminated instance, tells /v1 and the proxy apart, and serves a started one again', async () => {
    const instance = await customer.launchAndWait([{ region: 'mv', url: pod.url }], {
      servedModelName: 'llama3.2:3b',
      launch: { custom_api_path: '/' },
    });
    expect((await customer.manage('POST', `/instances/${instance.id}/stop`)).status).toBe(200);
    const isRefused = async () => (await customer.chat(instance.model)).status === 404;
    await waitFor(isRefused, { timeoutMs: PATIENCE_MS, what: 'a stopped instance to be refused' });
    expectRefusal(await customer.chat(instance.model), 'model_not_found', null);
    expectRefusal(await customer.request(`/inference-instances/${instance.id}/proxy/echo`), 'instance_not_found', null);
    expect((await customer.request(`/v1/models/${instance.model}`)).status).toBe(404);
    await waitFor(async () => (await customer.manage('GET', `/instances/${instance.id}`)).body.state === 'stopped', {
      timeoutMs: PATIENCE_MS,
      intervalMs: 250,
      what: 'the instance to be stopped',
    });
    expect((await customer.manage('POST', `/instances/${instance.id}/start`)).status).toBe(200);
    await customer.waitUntilHealthy(instance, 1);
    expect((await customer.request(`/inference-instances/${instance.id}/proxy/echo`)).status).toBe(200);
    expect((await customer.manage('POST', `/instances/${instance.id}/terminate`)).status).toBe(200);
    await waitFor(isRefused, { timeoutMs: PATIENCE_MS, what: 'a terminated instance to be refused' });
    expectRefusal(await customer.manage('POST', `/instances/${instance.id}/start`), 'invalid_state', null);
  });
});

describe('413', () => {
  it('refuses a body over the limit by its announced length, before it is sent', async () => {
    const answer = await rawRequest('/v1/chat/completions', customer.key, {
      announcedBytes: BODY_BYTES_MAX + 1,
      chunks: [Buffer.from('{')],
    });
    expectRefusal(answer, 'request_too_large', null);
  });

  it('refuses a chunked body as soon as it is over the limit', async () => {
    const mebibyte = Buffer.alloc(1_048_576, ' ');
    const answer = await rawRequest('/v1/embeddings', customer.key, { chunks: Array<Buffer>(65).fill(mebibyte) });
    expectRefusal(answer, 'request_too_large', null);
  }, 180_000);

  it('passes a body that is large, but within the limit', async () => {
    const body = { model: chat.model, padding: 'x'.repeat(8 * 1_048_576), messages: [{ role: 'user', content: 'Hello' }] };
    const answer = await customer.request('/v1/chat/completions', { body });
    // The pod is of another category and says so: the body reached it.
    expect(answer.headers.get('x-ecolink-region')).toBe('mv');
  }, 180_000);
});

describe('the order of the checks', () => {
  it('asks for the key before it reads a body, and for the body before it looks for a model', async () => {
    expectRefusal(await product.request('/v1/chat/completions', { key: 'eco_nobody', body: 'no json' }), 'invalid_api_key', null);
    expectRefusal(
      await customer.request('/v1/chat/completions', { body: `{"model":"${custom.model}"` }),
      'invalid_request',
      null,
    );
  });

  it('says kind, category and price before it says that the balance is empty', async () => {
    const poor = await newCustomer(product, { creditNanoUsd: 0n });
    const server = await startModelSimulator({ ...podAddress(), model: 'm', category: 'custom' });
    const pods = [{ region: 'mv', url: server.url }];
    const own = await poor.launchAndWait(pods, { launch: { openai_compatible: false, custom_api_path: 'generate' } });
    expectRefusal(await poor.chat(own.model), 'wrong_instance_kind', 'model');
    expectRefusal(await poor.chat(UNPRICED_MODEL), 'model_not_priced', 'model');
    expectRefusal(
      await poor.request('/v1/embeddings', { body: { model: UNPRICED_MODEL, input: 'a' } }),
      'wrong_category',
      'model',
    );
    expectRefusal(await poor.request(`/inference-instances/${own.id}/proxy/generate`), 'insufficient_balance', null);
    await server.close();
  });
});

describe('management', () => {
  const UNKNOWN_FIELDS: [string, string, Record<string, unknown>][] = [
    ['POST', '/models', { name: 'm', category: 'chat', source: { kind: 'external' }, colour: 1 }],
    ['POST', '/instances', { model_id: 'mdl_1', pods: [{ region: 'mv', url: 'http://127.0.0.1:9' }], colour: 1 }],
    ['POST', '/instances', { model_id: 'mdl_1', gpu_type: 'sim-small', gpu_count: 1, image: 'i', colour: 1 }],
    ['POST', '/instances/test-pod', { url: 'http://127.0.0.1:9', colour: 1 }],
    ['POST', '/api-keys', { name: 'k', colour: 1 }],
  ];

  it.each(UNKNOWN_FIELDS)('refuses an unknown field of %s %s by its name', async (method, path, body) => {
    const { body: answered } = expectRefusal(await customer.manage(method, path, body), 'invalid_request', 'colour');
    expect(answered.error.message).toContain('colour');
  });

  it("refuses an unknown field below another one, and in an operator's call, by its path", async () => {
    const pods = [{ region: 'mv', url: 'http://127.0.0.1:9', colour: 1 }];
    expectRefusal(await customer.manage('POST', '/instances', { model_id: 'mdl_1', pods }), 'invalid_request', 'pods[0].colour');
    expectRefusal(await product.admin('POST', '/accounts', { name: 'n', colour: 1 }), 'invalid_request', 'colour');
    expectRefusal(
      await product.admin('PUT', '/plans/e2e-unknown', { requests_per_minute: 1, colour: 1 }),
      'invalid_request',
      'colour',
    );
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://169.254.169.254/v1',
    'http://[fd00:ec2::254]/v1',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
    'http://0251.0376.0251.0376/',
    'http://0.0.0.0:9/',
    'http://8.8.8.8/',
  ])('refuses %s as a pod, and names the setting that decides', async (url) => {
    const models = await customer.manage('GET', '/models?limit=1');
    const answer = await customer.manage('POST', '/instances', {
      model_id: models.body.data[0].id,
      pods: [{ region: 'mv', url }],
    });
    const { body } = expectRefusal(answer, 'url_not_allowed', 'pods[0].url');
    expect(body.error.message).toContain('ECOLINK_POD_NETWORKS');
  });

  it('refuses its own ports as a pod', async () => {
    const models = await customer.manage('GET', '/models?limit=1');
    for (const url of [product.root, product.credentials.admin_url]) {
      const answer = await customer.manage('POST', '/instances', {
        model_id: models.body.data[0].id,
        pods: [{ region: 'mv', url }],
      });
      expectRefusal(answer, 'url_not_allowed', 'pods[0].url');
      expectRefusal(await customer.manage('POST', '/instances/test-pod', { url }), 'url_not_allowed', 'url');
    }
  });

  it('hides what belongs to another account behind 404', async () => {
    const stranger = await newCustomer(product, { creditNanoUsd: 0n });
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/stop'],
      ['POST', '/terminate'],
      ['GET', '/events'],
    ] as const) {
      expectRefusal(await stranger.manage(method, `/instances/${chat.id}${path}`), 'instance_not_found', null);
    }
    expect((await stranger.manage('GET', '/instances')).body.data).toEqual([]);
    expect((await stranger.manage('GET', '/models')).body.data).toEqual([]);
    expectRefusal(await stranger.manage('DELETE', `/api-keys/${customer.keyId}`), 'not_found', null);
    expect((await customer.request('/v1/models')).status).toBe(200);
  });

  it('refuses a second model of the same name', async () => {
    const model = { name: 'twice', category: 'chat', source: { kind: 'external' } };
    expect((await customer.manage('POST', '/models', model)).status).toBe(201);
    expectRefusal(await customer.manage('POST', '/models', model), 'name_taken', 'name');
  });
});

function inferenceCalls(): number {
  return pod.requests().filter(({ method }) => method === 'POST').length;
}

function proxiedSince(requests: number, path: string): string[] {
  return pod
    .requests()
    .filter(({ sequence, method }) => sequence > requests && method === 'POST')
    .map((request) => `${path} arrived as ${request.path}`);
}

/** A request as it is written, which fetch would tidy up: dot segments, announced lengths, bytes. */
function rawRequest(path: string, key: string, options: { chunks: readonly Buffer[]; announcedBytes?: number }): Promise<Answer> {
  const { hostname, port } = new URL(product.root);
  const length = options.announcedBytes === undefined ? {} : { 'content-length': String(options.announcedBytes) };
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...length };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method: 'POST', headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: new Headers(response.headers as Record<string, string>),
          text,
          body: JSON.parse(text),
        });
        request.destroy();
      });
    });
    // The answer may come, and the connection end, before everything is sent.
    request.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' || error.code === 'ECONNRESET' ? undefined : reject(error),
    );
    for (const chunk of options.chunks) request.write(chunk);
    if (options.announcedBytes === undefined) request.end();
  });
}
