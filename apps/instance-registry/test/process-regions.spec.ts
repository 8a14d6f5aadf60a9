import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gatewayDeployment } from '@ecolink/contracts';
import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

const template = {
  command: ['vllm', 'serve', '{model}', '--port', '{port}', '--api-key', '{api_key}'],
  allowed_args: { '--max-model-len': '[0-9]+' },
  allowed_env: ['HF_HUB_OFFLINE'],
};
const region = (driver_config: unknown, gateway_url = 'http://127.0.0.1:9') => ({
  name: 'MV',
  gateway_url,
  driver: 'process',
  driver_config,
});
const gateway = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({
      pods: [{ pod_id: 'pod_1', lines: [request.url, String(request.headers['x-ecolink-internal-secret'] !== undefined)] }],
    }),
  );
});

beforeAll(async () => {
  registry = await RegistryHarness.start();
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  expect(await registry.admin('PUT', '/regions/mv', region({ templates: { vllm: template } }, url))).toMatchObject({
    status: 200,
  });
  expect(await registry.admin('PATCH', '/regions/ga', { state: 'disabled' })).toMatchObject({ status: 200 });
}, 180_000);

afterAll(async () => {
  await registry.close();
  gateway.close();
});

async function launch(overrides: Record<string, unknown> = {}) {
  const source = { kind: 'huggingface', repo: 'demo/my-llama', token: 'hf_secret_token' };
  const model_id = await registry.createModel('acc_a', { source });
  const body = { model_id, gpu_type: 'sim-small', gpu_count: 2, image: 'vllm', allow_single_region: true, ...overrides };
  return registry.call('acc_a', 'POST', '/api/v1/instances', body);
}

async function deploymentOf(id: number) {
  const { items } = (await registry.internal('/gateways/mv/deployments')).body;
  return gatewayDeployment.parse(items.find((entry: { instance_id: number }) => entry.instance_id === id));
}

it('a configuration that the driver would not take is refused by the name of its field', async () => {
  const answer = await registry.admin('PUT', '/regions/mv', region({ templates: { vllm: { command: ['vllm', '{port}'] } } }));
  expect(answer).toMatchObject({
    status: 400,
    body: {
      error: {
        code: 'invalid_request',
        param: 'driver_config.templates.vllm.command',
        message: expect.stringContaining('{api_key}'),
      },
    },
  });
  expect(await registry.admin('PATCH', '/regions/mv', { driver_config: {} })).toMatchObject({ status: 400 });
});

it.each([
  [{ image: 'other' }, 'image'],
  [{ args: ['--max-model-len=8', '--api-key=mine'] }, 'args[1]'],
  [{ env: { LD_PRELOAD: '/x' } }, 'env.LD_PRELOAD'],
])('a launch that no template allows is refused by the name of its field: %j', async (overrides, param) => {
  expect(await launch(overrides)).toMatchObject({ status: 400, body: { error: { code: 'invalid_request', param } } });
});

it('GPUs, weights, environment, token and the driver configuration reach the gateway and nobody else', async () => {
  const { body } = await launch({ env: { HF_HUB_OFFLINE: 'sealed-value' }, args: ['--max-model-len=8'] });
  const deployed = await deploymentOf(body.id);
  expect(deployed).toMatchObject({
    driver: 'process',
    gpu_type: 'sim-small',
    gpu_count: 2,
    model: 'demo/my-llama',
    env: { HF_HUB_OFFLINE: 'sealed-value' },
    token: 'hf_secret_token',
    driver_config: { templates: { vllm: { command: template.command } } },
  });
  const events = await registry.database.client.busEvent.findMany();
  const seen = JSON.stringify([body, await registry.get('acc_a', body.id), events.map((event) => event.data)]);
  expect(seen).not.toContain('sealed-value');
  expect(seen).not.toContain('hf_secret_token');
  const changed = { templates: { vllm: { ...template, start_timeout_seconds: 5 } } };
  await registry.admin('PATCH', '/regions/mv', { driver_config: changed });
  expect((await deploymentOf(body.id)).version).toBeGreaterThan(deployed.version);
});

it('the lines of its pods come from the gateways, to its own account', async () => {
  const { body } = await launch();
  const path = `/api/v1/instances/${body.id}/logs?lines=7`;
  expect(await registry.call('acc_a', 'GET', path)).toEqual({
    status: 200,
    body: {
      deployments: [{ region: 'mv', problem: null, pods: [{ id: 'pod_1', lines: [`/logs/${body.id}?lines=7`, 'true'] }] }],
    },
  });
  expect(await registry.call('acc_b', 'GET', path)).toMatchObject({ status: 404 });
});

it('what a pod wrote before it ended is shown with it', async () => {
  const { body } = await launch();
  await registry.observe(body.id, 'mv', [
    { state: 'failed', healthy: false, reason: 'exit code 3', log_tail: ['out of memory'] },
  ]);
  const view = await registry.until('acc_a', body.id, { state: 'failed' });
  expect(view.deployments[0].pods[0]).toMatchObject({ reason: 'exit code 3', log_tail: ['out of memory'] });
});
