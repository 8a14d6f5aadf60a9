import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { gatewayDeployment } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { OWN_PORT, RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;
const servers: Server[] = [];

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 180_000);

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await registry.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An account may test ten pods a minute. */
let testers = 0;
function nextTester(): string {
  testers += 1;
  return `acc_tester_${testers}`;
}

async function launch(pods: readonly Record<string, unknown>[], account = 'acc_a') {
  const model_id = await registry.createModel(account, { source: { kind: 'external' } });
  return registry.call(account, 'POST', '/api/v1/instances', { model_id, pods });
}

async function deploymentOf(id: number, region: string) {
  const page = await registry.internal(`/gateways/${region}/deployments`);
  const item = page.body.items.find((entry: { instance_id: number }) => entry.instance_id === id);
  return item === undefined ? undefined : gatewayDeployment.parse(item);
}

describe('pod URLs that are not allowed', () => {
  it.each([
    ['http://169.254.169.254/latest', '169.254.169.254'],
    ['http://[::ffff:169.254.169.254]:80', '169.254.169.254'],
    ['http://[fd00:ec2::254]', 'fd00:ec2::254'],
    ['http://0.0.0.0:9000', '0.0.0.0'],
    ['http://8.8.8.8', '8.8.8.8'],
    ['http://192.168.0.1:8000', '192.168.0.1'],
    ['http://224.0.0.1', '224.0.0.1'],
    [`http://127.0.0.1:${OWN_PORT}`, '127.0.0.1'],
    [`http://localhost:${OWN_PORT}/x`, `port ${OWN_PORT}`],
    [`http://[::1]:${OWN_PORT}`, '::1'],
    ['ftp://127.0.0.1', 'http'],
    ['http://user:pass@127.0.0.1:9000', 'credentials'],
    ['http://127.0.0.1:9000/?a=b', 'query'],
    ['not a url', 'URL'],
    ['http://no-such-host.invalid', 'no-such-host.invalid'],
  ])('%s', async (url, named) => {
    const answer = await launch([
      { region: 'mv', url: 'http://127.0.0.1:9000' },
      { region: 'ga', url },
    ]);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'url_not_allowed', param: 'pods[1].url' } } });
    expect(answer.body.error.message).toContain('ECOLINK_POD_NETWORKS');
    expect(answer.body.error.message).toContain(named);
    const tested = await registry.call(nextTester(), 'POST', '/api/v1/instances/test-pod', { url });
    expect(tested).toMatchObject({ status: 400, body: { error: { code: 'url_not_allowed', param: 'url' } } });
  });

  it("include this service's own port, which nobody has to configure", async () => {
    expect(await launch([{ region: 'mv', url: `http://127.0.0.1:${registry.port}` }])).toMatchObject({
      status: 400,
      body: { error: { code: 'url_not_allowed' } },
    });
  });
});

describe('an external instance', () => {
  it('costs nothing, tells only its gateways the URL and key, and shows the key to nobody', async () => {
    const made = await launch([
      { region: 'mv', url: 'http://127.0.0.1:9000/team/v1/', api_key: 'sk-pod-secret' },
      { region: 'ga', url: 'http://10.1.2.3:8000' },
    ]);
    expect(made).toMatchObject({
      status: 201,
      body: { hold_nano_usd: '0', gpu_type: null, regions: ['ga', 'mv'], actions: ['stop', 'replace_pods', 'terminate'] },
    });
    const { id } = made.body;
    expect(await deploymentOf(id, 'mv')).toMatchObject({
      driver: 'external',
      desired_state: 'running',
      replicas: 1,
      pods: [{ url: 'http://127.0.0.1:9000/team', api_key: 'sk-pod-secret', weight: 1 }],
    });
    expect((await deploymentOf(id, 'ga'))?.pods).toMatchObject([{ api_key: null }]);
    const seen = [made.body, await registry.get('acc_a', id), (await registry.internal('/projections/instances')).body];
    const rows = await registry.database.client.busEvent.findMany();
    expect(JSON.stringify([seen, rows.map((row) => row.data)])).not.toContain('sk-pod-secret');
    const [dump] = await registry.database.client.$queryRaw<
      { text: string }[]
    >`SELECT string_agg(deployment_pods::text, ' ') AS text FROM deployment_pods`;
    expect(dump?.text).not.toContain(Buffer.from('sk-pod-secret').toString('hex'));
  });

  it('goes from pending to running by what its pods show, with their numbers kept through a replacement', async () => {
    const { body } = await launch([{ region: 'mv', url: 'http://127.0.0.1:9000', api_key: 'sk-keep' }]);
    const podId = body.deployments[0].pods[0].id;
    await registry.observe(body.id, 'mv', [{ pod_id: podId }]);
    await registry.until('acc_a', body.id, { state: 'running', degraded: false });
    const replaced = await registry.call('acc_a', 'PUT', `/api/v1/instances/${body.id}/pods`, {
      pods: [
        { region: 'mv', url: 'http://127.0.0.1:9000/v1' },
        { region: 'ga', url: 'http://127.0.0.1:9001' },
      ],
    });
    expect(replaced).toMatchObject({ status: 200, body: { state: 'running', degraded: true, regions: ['ga', 'mv'] } });
    expect((await deploymentOf(body.id, 'mv'))?.pods).toMatchObject([{ pod_id: podId, api_key: 'sk-keep' }]);
    const moved = { pods: [{ region: 'ga', url: 'http://127.0.0.1:9001', api_key: null }] };
    expect((await registry.call('acc_a', 'PUT', `/api/v1/instances/${body.id}/pods`, moved)).body.regions).toEqual(['ga']);
    expect(await deploymentOf(body.id, 'mv')).toMatchObject({ replicas: 0, pods: [] });
  });

  it('is not taken for healthy by the pods that it had before', async () => {
    const { body } = await launch([{ region: 'mv', url: 'http://127.0.0.1:9000' }]);
    await registry.observe(body.id, 'mv', [{ pod_id: body.deployments[0].pods[0].id }]);
    await registry.until('acc_a', body.id, { state: 'running', degraded: false });
    const moved = { pods: [{ region: 'mv', url: 'http://127.0.0.1:9002' }] };
    const replaced = await registry.call('acc_a', 'PUT', `/api/v1/instances/${body.id}/pods`, moved);
    expect(replaced.body).toMatchObject({ state: 'running', degraded: true });
    const podId = replaced.body.deployments[0].pods.find((pod: { url?: string }) => pod.url?.endsWith(':9002')).id;
    await registry.observe(body.id, 'mv', [{ pod_id: podId }]);
    await registry.until('acc_a', body.id, { degraded: false });
  });

  it('is told to gateways when it changes, and only what changed', async () => {
    const { body } = await launch([{ region: 'mv', url: 'http://127.0.0.1:9000' }]);
    const changed = async (since: string): Promise<number[]> =>
      (await registry.internal(`/gateways/mv/deployments?since=${since}`)).body.items.map(
        (item: { instance_id: number }) => item.instance_id,
      );
    // A transaction of anybody on the database server that is as old as the launch keeps the cursor before it.
    const cursor = await waitFor(
      async () => {
        const { body: all } = await registry.internal('/gateways/mv/deployments');
        return (await changed(all.cursor)).includes(body.id) ? undefined : (all.cursor as string);
      },
      { timeoutMs: 30_000, what: 'a cursor behind the launch' },
    );
    await registry.observe(body.id, 'mv', [{ pod_id: body.deployments[0].pods[0].id }]);
    await registry.until('acc_a', body.id, { state: 'running' });
    expect(await changed(cursor)).not.toContain(body.id);
    await registry.call('acc_a', 'POST', `/api/v1/instances/${body.id}/terminate`);
    expect(await changed(cursor)).toContain(body.id);
    expect((await deploymentOf(body.id, 'mv'))?.desired_state).toBe('terminated');
  });

  it('cannot be given pods when it runs on GPUs', async () => {
    const id = await registry.launch('acc_a');
    const answer = await registry.call('acc_a', 'PUT', `/api/v1/instances/${id}/pods`, {
      pods: [{ region: 'mv', url: 'http://127.0.0.1:9000' }],
    });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'invalid_state' } } });
  });
});

describe('test-pod', () => {
  const test = (body: Record<string, unknown>) => registry.call(nextTester(), 'POST', '/api/v1/instances/test-pod', body);

  it('finds a healthy server and its models', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/health') response.end('ok');
      else response.end(JSON.stringify({ data: [{ id: 'llama3.2:3b' }, { id: 'other' }] }));
    });
    expect(await test({ url: `${url}/v1` })).toEqual({
      status: 200,
      body: { reachable: true, models: ['llama3.2:3b', 'other'], problem: null },
    });
  });

  it('takes /v1/models where there is no /health, and says when the key is refused', async () => {
    const url = await serve((request, response) => {
      if (request.url !== '/v1/models') response.writeHead(404).end();
      else if (request.headers.authorization === 'Bearer right') response.end('{"data":[{"id":"m"}]}');
      else response.writeHead(401).end('{}');
    });
    expect((await test({ url, api_key: 'right' })).body).toEqual({ reachable: true, models: ['m'], problem: null });
    const refused = (await test({ url, api_key: 'wrong' })).body;
    expect(refused).toMatchObject({ reachable: true, models: [] });
    expect(refused.problem).toContain('api_key');
  });

  it('says that the key is refused also where the health path is open to everybody', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/health') response.end('ok');
      else response.writeHead(401).end('{}');
    });
    expect((await test({ url })).body).toMatchObject({ reachable: true, problem: expect.stringContaining('api_key') });
  });

  it('follows no redirect, not even to an address that it may reach', async () => {
    let reached = false;
    const target = await serve((_request, response) => {
      reached = true;
      response.end('ok');
    });
    const url = await serve((_request, response) => response.writeHead(302, { location: `${target}/health` }).end());
    expect((await test({ url })).body.problem).toContain('redirect');
    expect(reached).toBe(false);
  });

  it('gives up on endless bodies, and says the same of silence, refusal and what is not HTTP', async () => {
    const silent = await serve(() => undefined);
    const nothing = { reachable: false, models: [], problem: 'no HTTP answer came from there' };
    expect((await test({ url: silent })).body).toEqual(nothing);
    expect((await test({ url: 'http://127.0.0.1:1' })).body).toEqual(nothing);
    const noHttp = createTcpServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    await new Promise<void>((resolve) => noHttp.listen(0, '127.0.0.1', resolve));
    expect((await test({ url: `http://127.0.0.1:${(noHttp.address() as AddressInfo).port}` })).body).toEqual(nothing);
    noHttp.close();
    const endless = await serve((_request, response) => {
      const write = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
    });
    expect((await test({ url: endless, health_path: '/h' })).body).toMatchObject({ reachable: true });
  }, 120_000);

  it('names an unhealthy status', async () => {
    const url = await serve((_request, response) => response.writeHead(503).end());
    expect((await test({ url, health_path: 'ready' })).body).toEqual({
      reachable: true,
      models: [],
      problem: 'GET /ready answers 503',
    });
  });
});
