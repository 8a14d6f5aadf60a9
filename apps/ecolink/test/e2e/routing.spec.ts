import { createHash } from 'node:crypto';
import { type ModelSimulator, type RecordedRequest, startModelSimulator } from '@ecolink/model-simulator';
import {
  type Customer,
  type LaunchedInstance,
  mustSucceed,
  newCustomer,
  openProduct,
  type OpenProduct,
  type Pod,
  podAddress,
  type ProductClient,
  waitFor,
} from '@ecolink/testing';
import { expectRefusal } from './support/expect-refusal.js';

let opened: OpenProduct;
let product: ProductClient;
let customer: Customer;
const pods: ModelSimulator[] = [];

const SETUP_TIMEOUT_MS = 240_000;
const TEST_TIMEOUT_MS = 180_000;
/** From the death of a pod until no call is sent there any more. */
const DEAD_POD_OUT_MS = 5_000;
const SERVED_AFTER_MS = 5_000;
/** A machine that is busy for a moment has its say in one try, not in all. */
const TRIES = 3;
/** For what comes soon on a machine that has nothing else to do; an account may make 600 management calls a minute. */
const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };
const SERVED_NAME = 'llama3.2:3b';
/** From an operator's change until every router knows. */
const PUSHED_WITHIN_MS = 1_000;

beforeAll(async () => {
  opened = await openProduct();
  ({ product } = opened);
  await mustSucceed(product.admin('PUT', '/plans/e2e-routing', { requests_per_minute: 100_000 }));
  customer = await newCustomer(product, { plan: 'e2e-routing' });
}, SETUP_TIMEOUT_MS);

afterEach(async () => {
  await Promise.all(pods.splice(0).map((pod) => pod.close()));
});

afterAll(() => opened?.close(), SETUP_TIMEOUT_MS);

async function startPod(
  options: {
    host?: string;
    apiKey?: string;
    category?: 'chat' | 'embedding' | 'custom';
    port?: number;
    tokensPerSecond?: number;
  } = {},
): Promise<ModelSimulator> {
  const pod = await startModelSimulator({ ...podAddress(), model: SERVED_NAME, ttftMs: 1, tokensPerSecond: 0, ...options });
  pods.push(pod);
  return pod;
}

async function launchOn(...where: Pod[]): Promise<LaunchedInstance> {
  return customer.launchAndWait(where, { servedModelName: SERVED_NAME });
}

function inferenceRequests(pod: ModelSimulator): RecordedRequest[] {
  return pod.requests().filter(({ method }) => method === 'POST');
}

/** Calls one after another; their statuses and the regions that served them. */
async function callRepeatedly(model: string, times: number): Promise<{ statuses: number[]; regions: (string | null)[] }> {
  const statuses: number[] = [];
  const regions: (string | null)[] = [];
  for (let index = 0; index < times; index += 1) {
    const { status, headers } = await customer.chat(model);
    statuses.push(status);
    regions.push(headers.get('x-ecolink-region'));
  }
  return { statuses, regions };
}

/** Exactly, by one router; several each take their own turns, and may each be one call apart. */
function expectTurns(counts: readonly number[], expected: readonly number[]): void {
  const apart = product.routers - 1;
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(expected.reduce((sum, count) => sum + count, 0));
  counts.forEach((count, index) => expect(Math.abs(count - (expected[index] ?? NaN))).toBeLessThanOrEqual(apart));
}

describe('choosing a region', () => {
  it(
    'takes turns between the regions, and says which one served',
    async () => {
      const [mv, ga] = [await startPod(), await startPod()];
      const { model } = await launchOn({ region: 'mv', url: mv.url }, { region: 'ga', url: ga.url });
      const { statuses, regions } = await callRepeatedly(model, 20);
      expect(new Set(statuses)).toEqual(new Set([200]));
      const counts = [inferenceRequests(mv).length, inferenceRequests(ga).length];
      expect(regions.filter((region) => region === 'mv')).toHaveLength(counts[0] ?? NaN);
      expectTurns(counts, [10, 10]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'gives a region with more healthy pods a greater share, and each of its pods the same',
    async () => {
      const [mv, ga1, ga2] = [await startPod(), await startPod(), await startPod()];
      const { model } = await launchOn(
        { region: 'mv', url: mv.url },
        { region: 'ga', url: ga1.url },
        { region: 'ga', url: ga2.url },
      );
      await callRepeatedly(model, 30);
      expectTurns(
        [mv, ga1, ga2].map((pod) => inferenceRequests(pod).length),
        [10, 10, 10],
      );
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'follows a change of how pods share calls, without a restart of anything',
    async () => {
      const servers = [await startPod(), await startPod(), await startPod()];
      const { id, model } = await launchOn(...servers.map(({ url }) => ({ region: 'mv', url })));
      const counts = () => servers.map((pod) => inferenceRequests(pod).length);
      const callInSession = async (times: number) => {
        const before = counts();
        for (let index = 0; index < times; index += 1) await mustSucceed(customer.chat(model, { user: 'the same one' }));
        return counts().map((count, index) => count - (before[index] ?? 0));
      };
      expect(Math.max(...(await callInSession(9)))).toBeLessThan(9);
      await mustSucceed(customer.manage('PATCH', `/instances/${id}`, { strategy: 'session' }));
      await waitFor(async () => Math.max(...(await callInSession(9))) === 9, {
        ...PATIENCE,
        what: 'calls to stay together',
      });
      await mustSucceed(customer.manage('PATCH', `/instances/${id}`, { strategy: 'round_robin' }));
      await waitFor(async () => Math.max(...(await callInSession(9))) < 9, { ...PATIENCE, what: 'turns again' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes turns for the demo as it is documented',
    async () => {
      const [model = ''] = product.credentials.models;
      const regions: (string | null)[] = [];
      for (let index = 0; index < 4; index += 1) {
        const answer = await product.request('/v1/chat/completions', {
          body: { model, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] },
        });
        expect(answer.status).toBe(200);
        regions.push(answer.headers.get('x-ecolink-region'));
      }
      const of = (region: string): number => regions.filter((served) => served === region).length;
      expectTurns([of('mv'), of('ga')], [2, 2]);
    },
    TEST_TIMEOUT_MS,
  );
});

describe('failing over', () => {
  it(
    'answers every call though a pod has just died, and takes it out at the latest 5 s later',
    async () => {
      const tookMs: number[] = [];
      while (tookMs.length < TRIES && !tookMs.some((ms) => ms <= DEAD_POD_OUT_MS)) {
        const [mv, ga] = [await startPod(), await startPod()];
        const instance = await launchOn({ region: 'mv', url: mv.url }, { region: 'ga', url: ga.url });
        await mv.close();
        const diedAt = performance.now();
        const { statuses, regions } = await callRepeatedly(instance.model, 20);
        expect(new Set(statuses)).toEqual(new Set([200]));
        expect(new Set(regions)).toEqual(new Set(['ga']));
        const healthyPods = async () => {
          const { body } = await mustSucceed(customer.manage('GET', `/instances/${instance.id}`));
          return body.deployments.flatMap((deployment: { pods: { healthy: boolean }[] }) =>
            deployment.pods.filter(({ healthy }) => healthy),
          ).length;
        };
        await waitFor(async () => (await healthyPods()) === 1, { ...PATIENCE, what: 'the dead pod to be out' });
        tookMs.push(performance.now() - diedAt);
        expect((await customer.manage('GET', `/instances/${instance.id}`)).body).toMatchObject({
          state: 'running',
          degraded: true,
        });
      }
      expect(Math.min(...tookMs)).toBeLessThanOrEqual(DEAD_POD_OUT_MS);
    },
    TRIES * TEST_TIMEOUT_MS,
  );

  it.each(['close-before-headers', 'reset-mid-headers'] as const)(
    'sends an inference call to the other region when the pod breaks off: %s',
    async (kind) => {
      const [mv, ga] = [await startPod(), await startPod()];
      const { model } = await launchOn({ region: 'mv', url: mv.url }, { region: 'ga', url: ga.url });
      await mv.setFault(kind === 'close-before-headers' ? { kind, reset: false } : { kind });
      const { statuses } = await callRepeatedly(model, 6);
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(inferenceRequests(mv).length).toBeGreaterThanOrEqual(1);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([500, 502, 503, 504])(
    'sends an inference call to the other region when the pod answers %i',
    async (status) => {
      const [mv, ga] = [await startPod(), await startPod()];
      const { model } = await launchOn({ region: 'mv', url: mv.url }, { region: 'ga', url: ga.url });
      await mv.setFault({ kind: 'status', status });
      const { statuses } = await callRepeatedly(model, 4);
      expect(new Set(statuses)).toEqual(new Set([200]));
    },
    TEST_TIMEOUT_MS,
  );

  it.each([400, 404, 409, 422, 429])(
    "hands a pod's own %i on as it is, and tries no other pod",
    async (status) => {
      const [mv, ga] = [await startPod(), await startPod()];
      const { model } = await launchOn({ region: 'mv', url: mv.url }, { region: 'ga', url: ga.url });
      const body = '{"error":{"message":"of the pod"}}';
      for (const pod of [mv, ga]) await pod.setFault({ kind: 'status', status, body });
      const answer = await customer.chat(model);
      expect([answer.status, answer.text]).toEqual([status, body]);
      expect(answer.headers.get('x-ecolink-request-id')).toMatch(/^req_/);
      expect(inferenceRequests(mv).length + inferenceRequests(ga).length).toBe(1);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "gives the last pod's own answer when all of them fail, having asked each region at most once and one again",
    async () => {
      const [mv, ga] = [await startPod(), await startPod()];
      const { model } = await launchOn({ region: 'mv', url: mv.url }, { region: 'ga', url: ga.url });
      const body = '{"error":{"message":"poisoned"}}';
      for (const pod of [mv, ga]) await pod.setFault({ kind: 'status', status: 500, body });
      const answer = await customer.chat(model);
      expect([answer.status, answer.text]).toEqual([500, body]);
      const attempts = inferenceRequests(mv).length + inferenceRequests(ga).length;
      expect(attempts).toBeGreaterThanOrEqual(2);
      expect(attempts).toBeLessThanOrEqual(3);
      for (const pod of [mv, ga]) await pod.setFault();
      // A request that every pod fails says nothing about the pods.
      expect((await callRepeatedly(model, 4)).regions.sort()).toEqual(['ga', 'ga', 'mv', 'mv']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "repeats a custom instance's GET, but never its POST, when the pod breaks off",
    async () => {
      const [mv, ga] = [await startPod({ category: 'custom' }), await startPod({ category: 'custom' })];
      const launch = { openai_compatible: false, custom_api_path: 'generate' };
      const where = [mv, ga].map((pod, index) => ({ region: index === 0 ? 'mv' : 'ga', url: pod.url }));
      const { id } = await customer.launchAndWait(where, { servedModelName: SERVED_NAME, launch });
      const path = `/inference-instances/${id}/proxy/generate/x`;
      for (const pod of [mv, ga]) await pod.setFault({ kind: 'close-before-headers', reset: true });
      const before = mv.stats().requests + ga.stats().requests;
      const answer = expectRefusal(await customer.request(path, { body: '{}' }), 'upstream_error', null);
      expect(answer.headers.get('x-should-retry')).toBe('false');
      expect(inferenceRequests(mv).length + inferenceRequests(ga).length).toBe(1);
      expect(before).toBeGreaterThan(0);
      await ga.setFault();
      for (let index = 0; index < 4; index += 1) expect((await customer.request(path)).status).toBe(200);
    },
    TEST_TIMEOUT_MS,
  );
});

describe('an instance that cannot be served', () => {
  it(
    'answers 503 with Retry-After while it starts, on /v1 and on the proxy',
    async () => {
      const dead = [{ region: 'mv', url: 'http://127.0.0.1:9' }];
      const { id, model } = await customer.launch(dead, { launch: { custom_api_path: 'generate' } });
      await waitFor(async () => (await customer.chat(model)).status === 503, {
        ...PATIENCE,
        what: 'the router to know a new instance',
      });
      for (const answer of [await customer.chat(model), await customer.request(`/inference-instances/${id}/proxy/generate`)]) {
        expect(Number(expectRefusal(answer, 'instance_not_ready', null).headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      }
      expect((await customer.request('/v1/models')).text).not.toContain(model);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'answers 503 with Retry-After as soon as its only pod is dead, and serves again within 5 s when it is back',
    async () => {
      const pod = await startPod();
      const { id, model } = await launchOn({ region: 'mv', url: pod.url });
      await pod.close();
      const diedAt = Date.now();
      // At once by the refused connection, later by what the health checker says: one and the same answer.
      for (let index = 0; index < 10 || Date.now() - diedAt < DEAD_POD_OUT_MS; index += 1) {
        const { headers } = expectRefusal(await customer.chat(model), 'no_healthy_pod', null);
        expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      }
      const { body } = await customer.manage('GET', `/instances/${id}`);
      expect(body.deployments[0].pods[0]).toMatchObject({ healthy: false, reason: expect.stringMatching(/./) });
      const tookMs: number[] = [];
      while (tookMs.length < TRIES && !tookMs.some((ms) => ms <= SERVED_AFTER_MS)) {
        const back = await startPod({ host: new URL(pod.url).hostname, port: pod.port });
        const backAt = performance.now();
        await waitFor(async () => (await customer.chat(model)).status === 200, { ...PATIENCE, what: 'the pod to be back' });
        tookMs.push(performance.now() - backAt);
        if (tookMs.length === TRIES || tookMs.some((ms) => ms <= SERVED_AFTER_MS)) break;
        await back.close();
        await waitFor(async () => (await customer.chat(model)).status === 503, { ...PATIENCE, what: 'the pod to be out again' });
      }
      expect(Math.min(...tookMs)).toBeLessThanOrEqual(SERVED_AFTER_MS);
    },
    TRIES * TEST_TIMEOUT_MS,
  );

  it(
    'answers 502 that no SDK repeats when its last pod is lost after the request was sent',
    async () => {
      const pod = await startPod();
      const { model } = await launchOn({ region: 'mv', url: pod.url });
      await pod.setFault({ kind: 'close-before-headers', reset: true });
      const { headers } = expectRefusal(await customer.chat(model), 'upstream_error', null);
      expect(headers.get('x-should-retry')).toBe('false');
      expect(headers.get('retry-after')).toBeNull();
    },
    TEST_TIMEOUT_MS,
  );
});

describe('changing pods', () => {
  it(
    'calls a new pod, and the old one no more',
    async () => {
      const [old, fresh] = [await startPod(), await startPod()];
      const instance = await launchOn({ region: 'mv', url: old.url });
      expect((await customer.chat(instance.model)).status).toBe(200);
      const replaced = await customer.manage('PUT', `/instances/${instance.id}/pods`, {
        pods: [{ region: 'ga', url: fresh.url }],
      });
      expect(replaced.status).toBe(200);
      await waitFor(async () => (await customer.chat(instance.model)).headers.get('x-ecolink-region') === 'ga', {
        ...PATIENCE,
        what: 'the new pod to serve',
      });
      const oldRequests = inferenceRequests(old).length;
      const { statuses } = await callRepeatedly(instance.model, 10);
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(inferenceRequests(old)).toHaveLength(oldRequests);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'serves an external pod at the latest 5 s after its launch',
    async () => {
      const tookMs: number[] = [];
      while (tookMs.length < TRIES && !tookMs.some((ms) => ms <= SERVED_AFTER_MS)) {
        const pod = await startPod();
        const launchedAt = performance.now();
        const { model } = await customer.launch([{ region: 'ga', url: pod.url }], { servedModelName: SERVED_NAME });
        await waitFor(async () => (await customer.chat(model)).status === 200, { timeoutMs: 60_000, what: 'the first call' });
        tookMs.push(performance.now() - launchedAt);
      }
      expect(Math.min(...tookMs)).toBeLessThanOrEqual(SERVED_AFTER_MS);
    },
    TRIES * TEST_TIMEOUT_MS,
  );
});

describe('a region that an operator drains', () => {
  it(
    'gets no new call at the latest 1 s later, ends what it has, and serves again without action when it is active',
    async () => {
      const [mv, ga] = [await startPod({ tokensPerSecond: 20 }), await startPod()];
      const { model } = await launchOn({ region: 'mv', url: mv.url }, { region: 'ga', url: ga.url });
      const body = { model, stream: true, max_tokens: 60, messages: [{ role: 'user', content: 'Count' }] };
      // Two by one router: the regions take turns.
      const begun = Array.from({ length: 2 * product.routers }, () => customer.request('/v1/chat/completions', { body }));
      await waitFor(async () => inferenceRequests(mv).length >= 1, { ...PATIENCE, what: 'a stream in the region' });
      const tookMs: number[] = [];
      while (tookMs.length < TRIES && !tookMs.some((ms) => ms <= PUSHED_WITHIN_MS)) {
        try {
          await mustSucceed(product.admin('PATCH', '/regions/mv', { state: 'draining' }));
          const drainedAt = performance.now();
          // The routers take turns, and each of them between the regions.
          const areDrained = async () =>
            (await callRepeatedly(model, 2 * product.routers)).regions.every((region) => region === 'ga');
          await waitFor(areDrained, { ...PATIENCE, what: 'the region to be left out' });
          tookMs.push(performance.now() - drainedAt);
          const { statuses, regions } = await callRepeatedly(model, 20);
          expect([new Set(statuses), new Set(regions)]).toEqual([new Set([200]), new Set(['ga'])]);
        } finally {
          await mustSucceed(product.admin('PATCH', '/regions/mv', { state: 'active' }));
        }
        for (const { text } of await Promise.all(begun)) expect(text).toMatch(/data: \[DONE\]\n\n$/);
        await waitFor(async () => (await callRepeatedly(model, 1)).regions[0] === 'mv', {
          ...PATIENCE,
          what: 'the region to serve again',
        });
      }
      expect(Math.min(...tookMs)).toBeLessThanOrEqual(PUSHED_WITHIN_MS);
    },
    TRIES * TEST_TIMEOUT_MS,
  );
});

describe('a pod that fails its calls at once, while its probes are well', () => {
  it(
    'gets less traffic, not more, and no client sees it',
    async () => {
      const [failing, beside, elsewhere] = [await startPod(), await startPod(), await startPod()];
      const where = [failing, beside].map(({ url }) => ({ region: 'mv', url }));
      const { model } = await launchOn(...where, { region: 'ga', url: elsewhere.url });
      await failing.setFault({ kind: 'status', status: 500 });
      const { statuses } = await callRepeatedly(model, 100);
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(inferenceRequests(failing).length).toBeLessThanOrEqual(10);
    },
    TEST_TIMEOUT_MS,
  );
});

describe('what a pod gets', () => {
  it(
    'gets the body as it is but for the model, its own key, and nothing of EcoLink',
    async () => {
      const pod = await startPod({ apiKey: 'pod-secret' });
      const { id, model } = await launchOn({ region: 'mv', url: `${pod.url}/v1`, api_key: 'pod-secret' });
      const body = `{ "messages" : [ {"role":"user","content":"h\\u00e9llo \\"model\\": \\"x:1\\""} ],\n\t"seed": 12345678901234567890, "model":"${model}", "temperature":1.0e0}`;
      const headers = {
        cookie: 'session=1',
        'x-ecolink-region': 'forged',
        'x-ecolink-internal-secret': 'forged',
        'x-custom': 'kept',
      };
      const answer = await customer.request('/v1/chat/completions', { body, headers });
      expect(answer.status).toBe(200);
      const request = inferenceRequests(pod).at(-1);
      expect(request?.bodyText).toBe(body.replace(`"${model}"`, `"${SERVED_NAME}"`));
      const names = request?.headers.map(([name]) => name.toLowerCase()) ?? [];
      expect(names.filter((name) => name.startsWith('x-ecolink-') || name === 'cookie')).toEqual([]);
      expect(request?.headers.filter(([name]) => name.toLowerCase() === 'authorization')).toEqual([
        [expect.any(String), 'Bearer pod-secret'],
      ]);
      expect(JSON.stringify(request?.headers)).not.toContain('eco_');
      expect((await customer.manage('GET', `/instances/${id}`)).text).not.toContain('pod-secret');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'gets a custom call as it was sent: method, path, query, body',
    async () => {
      const pod = await startPod({ category: 'custom' });
      const launch = { openai_compatible: false, custom_api_path: 'generate' };
      const { id } = await customer.launchAndWait([{ region: 'mv', url: pod.url }], { launch });
      const body = 'not json at all \u0000 é';
      const sent = { method: 'PATCH', body, headers: { cookie: 'a=b', 'content-type': 'text/x-odd' } };
      const { body: echo, headers } = await customer.request(
        `/inference-instances/${id}/proxy/generate/a%2Fb/c%20d?q=1&q=%C3%A9&empty`,
        sent,
      );
      expect(echo).toMatchObject({
        method: 'PATCH',
        path: '/generate/a%2Fb/c%20d',
        body: { sha256: createHash('sha256').update(body).digest('hex') },
      });
      expect(echo.query.replace(/^\?/, '')).toBe('q=1&q=%C3%A9&empty');
      expect(JSON.stringify(echo.headers)).not.toMatch(/eco_|x-ecolink|cookie/i);
      expect(echo.headers.find(([name]: [string]) => name.toLowerCase() === 'content-type')[1]).toBe('text/x-odd');
      expect(headers.get('x-ecolink-region')).toBe('mv');
    },
    TEST_TIMEOUT_MS,
  );
});

describe('what a client gets', () => {
  it.each(['/v1', 'the proxy'])(
    'gets no header of the pod that speaks for EcoLink or sets anything in a browser, on %s',
    async (where) => {
      const pod = await startPod({ category: where === '/v1' ? 'chat' : 'custom' });
      const launch = where === '/v1' ? {} : { openai_compatible: false, custom_api_path: 'generate' };
      const { id, model } = await customer.launchAndWait([{ region: 'mv', url: pod.url }], {
        servedModelName: SERVED_NAME,
        launch,
      });
      await pod.setFault({ kind: 'headers' });
      const { status, headers } =
        where === '/v1' ? await customer.chat(model) : await customer.request(`/inference-instances/${id}/proxy/generate/x`);
      expect(status).toBe(200);
      expect(headers.get('x-ecolink-region')).toBe('mv');
      expect(headers.get('x-ecolink-request-id')).toMatch(/^req_/);
      expect(headers.get('x-ratelimit-limit')).toBe('100000');
      for (const name of ['set-cookie', 'access-control-allow-origin', 'clear-site-data', 'x-simulator-hop'])
        expect(headers.get(name)).toBeNull();
      expect(headers.get('server-timing')).toMatch(/router;dur=/);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "gets a custom instance's every status at once",
    async () => {
      const [mv, ga] = [await startPod({ category: 'custom' }), await startPod({ category: 'custom' })];
      const launch = { openai_compatible: false, custom_api_path: '/' };
      const where = [mv, ga].map((pod, index) => ({ region: index === 0 ? 'mv' : 'ga', url: pod.url }));
      const { id } = await customer.launchAndWait(where, { launch });
      for (const status of [201, 418, 500, 503]) {
        for (const pod of [mv, ga]) await pod.setFault({ kind: 'status', status, body: 'mine' });
        const before = inferenceRequests(mv).length + inferenceRequests(ga).length;
        const answer = await customer.request(`/inference-instances/${id}/proxy/echo`, { body: 'x' });
        expect([answer.status, answer.text]).toEqual([status, 'mine']);
        expect(inferenceRequests(mv).length + inferenceRequests(ga).length).toBe(before + 1);
      }
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "gets the models that it may call, in OpenAI's shape, and the public list without a key",
    async () => {
      const pod = await startPod();
      const { model } = await launchOn({ region: 'mv', url: pod.url });
      const { body } = await customer.request('/v1/models');
      const ids = body.data.map((listed: { id: string }) => listed.id);
      expect(body.object).toBe('list');
      expect(ids).toContain(model);
      expect(ids).toContain('meta-llama/Llama-3.1-8B-Instruct');
      expect(ids.filter((id: string) => product.credentials.models.includes(id))).toEqual([]);
      expect((await customer.request(`/v1/models/${model}`)).body).toMatchObject({ id: model, object: 'model' });
      const { body: platform } = await product.request('/platform/models', { key: undefined });
      expect(platform).toContainEqual({
        model_id: 'meta-llama/Llama-3.1-8B-Instruct',
        display_name: expect.any(String),
        category: 'chat',
        status: 'active',
        context_length: 131_072,
        input_price_per_1m_tokens: 0.05,
        output_price_per_1m_tokens: 0.08,
      });
    },
    TEST_TIMEOUT_MS,
  );
});
