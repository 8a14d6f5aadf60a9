import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request as httpRequest, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { GatewayPods, InstanceRecord } from '@ecolink/contracts';
import { type RegionGatewayConfig, startRegionGateway } from '@ecolink/region-gateway';
import { ROUTER_LIMITS, type RouterLimits, startRouter } from '@ecolink/router';
import type { RunningService } from '@ecolink/service-kit';
import { type ControlPlane, instanceRecord, podAddress, startControlPlane, waitFor } from '@ecolink/testing';

// What router and gateways say of each call is not looked at here.
process.env['LOG_LEVEL'] ??= 'silent';

const SECRET = 'between-router-and-gateway';
const HOST = '127.0.0.1';
const SINCE = '2026-01-01T00:00:00.000Z';

export type PodAnswer = (response: ServerResponse, body: string, request: IncomingMessage) => unknown;

/** A model server of a test. Probes are answered apart from calls. */
export interface TestPod {
  readonly podId: string;
  readonly region: string;
  readonly server: Server;
  readonly host: string;
  readonly port: number;
  /** Bodies of the calls that it got. */
  readonly got: string[];
  answer: PodAnswer;
}

export interface RegionsOptions {
  readonly limits?: Partial<RouterLimits>;
  readonly podLimits?: RegionGatewayConfig['podLimits'];
}

export interface ClientAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

const COMPLETION = JSON.stringify({
  choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
});

export const answerWell: PodAnswer = (response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(COMPLETION);

export const answerWith =
  (status: number): PodAnswer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(`{"error":{"message":"${status}"}}`);

/** A real router before real gateways of several regions, with pods that do as the test says. Nothing probes for the router. */
export class RegionsFixture {
  readonly pods: TestPod[] = [];
  readonly key: string;
  private readonly gateways = new Map<string, RunningService>();

  private constructor(
    readonly plane: ControlPlane,
    private readonly router: RunningService,
    private readonly directory: string,
    private readonly options: RegionsOptions,
  ) {
    this.key = plane.addCaller('acc_owner');
  }

  static async start(regions: readonly string[], options: RegionsOptions = {}): Promise<RegionsFixture> {
    const plane = await startControlPlane();
    const directory = await mkdtemp(path.join(tmpdir(), 'ecolink-regions-'));
    const urls = { authBillingUrl: plane.url, instanceRegistryUrl: plane.url, healthCheckerUrl: plane.url };
    const listeners = { host: HOST, port: 0, adminHost: HOST, adminPort: 0 };
    const limits = { ...ROUTER_LIMITS, ...options.limits };
    const config = { routerId: 'test', ...listeners, ...urls, dataDirectory: directory, internalSecret: SECRET, limits };
    const fixture = new RegionsFixture(plane, await startRouter(config, plane.bus), directory, options);
    for (const region of regions) await fixture.startGateway(region);
    return fixture;
  }

  get port(): number {
    return this.router.port;
  }

  /** Adds an instance with one pod for each region named, and gives its model id when every pod takes calls. */
  async addInstance(instanceId: number, regions: readonly string[], overrides: Partial<InstanceRecord> = {}): Promise<string> {
    const pods: TestPod[] = [];
    for (const [index, region] of regions.entries()) pods.push(await startPod(`pod_${instanceId}_${index}`, region));
    this.pods.push(...pods);
    for (const region of new Set(regions)) {
      const own = pods.filter((pod) => pod.region === region);
      this.plane.deploy(region, {
        instance_id: instanceId,
        kind: 'own',
        desired_state: 'running',
        driver: 'external',
        openai_compatible: true,
        custom_api_path: null,
        health_path: null,
        category: 'chat',
        served_model_name: 'm',
        pods: own.map(({ podId, host, port }) => ({ pod_id: podId, url: `http://${host}:${port}`, api_key: null, weight: 1 })),
        replicas: 0,
        image: null,
        args: [],
        gpu_type: null,
        gpu_count: 0,
        model: null,
        env: {},
        token: null,
        driver_config: {},
      });
    }
    this.plane.put('instances', { ...INSTANCE, instance_id: instanceId, ...overrides });
    await waitFor(async () => (await this.healthOf(instanceId)).filter(({ healthy }) => healthy).length === pods.length, {
      timeoutMs: 20_000,
      what: 'the gateways to take the pods for healthy',
    });
    await this.publishHealth(instanceId);
    return `m:${instanceId}`;
  }

  podsOf(instanceId: number): TestPod[] {
    return this.pods.filter(({ podId }) => podId.startsWith(`pod_${instanceId}_`));
  }

  /** Tells the router what the gateways say now, as the health checker does. */
  async publishHealth(instanceId: number): Promise<void> {
    this.plane.put('health', { instance_id: instanceId, pods: await this.healthOf(instanceId) });
  }

  setRegion(region: string, state: 'active' | 'draining' | 'disabled'): void {
    this.plane.put('regions', { region, name: region, gateway_url: this.gateways.get(region)?.url ?? '', state });
  }

  async call(model: string, body: Record<string, unknown> = {}, key = this.key): Promise<ClientAnswer> {
    const response = await this.begin(model, body, key);
    return { status: response.statusCode ?? 0, headers: response.headers, text: (await buffer(response)).toString('utf8') };
  }

  /** Resolves with the head of the answer. */
  begin(model: string, body: Record<string, unknown> = {}, key = this.key): Promise<IncomingMessage> {
    const text = JSON.stringify({ model, messages: [], ...body });
    const headers = { authorization: `Bearer ${key}`, 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const at = { host: HOST, port: this.port, path: '/v1/chat/completions', method: 'POST', agent: false, headers };
      httpRequest(at, resolve).on('error', reject).end(text);
    });
  }

  async close(): Promise<void> {
    for (const { server } of this.pods) server.closeAllConnections();
    (this.router as unknown as { app: { getHttpServer(): Server } }).app.getHttpServer().closeAllConnections();
    await this.router.close();
    await Promise.all([...this.gateways.values()].map((gateway) => gateway.close()));
    await this.plane.close();
    await Promise.all(this.pods.map(({ server }) => new Promise((resolve) => server.close(resolve))));
    await rm(this.directory, { recursive: true, force: true });
  }

  private async startGateway(region: string): Promise<void> {
    const { bus, url: registryUrl } = this.plane;
    const { podLimits = {} } = this.options;
    const gateway = await startRegionGateway({
      ...{ host: HOST, port: 0, region, bus, registryUrl, internalSecret: SECRET, podLimits },
      driverConfig: {},
      closeMaxMs: 1_000,
    });
    this.gateways.set(region, gateway);
    this.setRegion(region, 'active');
  }

  private async healthOf(instanceId: number) {
    const answers = await Promise.all(
      [...this.gateways].map(async ([region, { url }]) => {
        const answer = await fetch(`${url}/pods`, { headers: { 'x-ecolink-internal-secret': SECRET } });
        const { pods } = (await answer.json()) as GatewayPods;
        return pods
          .filter((pod) => pod.instance_id === instanceId)
          .map(({ pod_id, healthy, reason }) => ({ pod_id, region, healthy, reason, since: SINCE }));
      }),
    );
    return answers.flat();
  }
}

const INSTANCE = instanceRecord({ model_name: 'm' });

async function startPod(podId: string, region: string, answer: PodAnswer = answerWell): Promise<TestPod> {
  const got: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') return void response.end('well');
    void buffer(request).then(
      (body) => {
        got.push(body.toString('utf8'));
        pod.answer(response, body.toString('utf8'), request);
      },
      () => undefined,
    );
  });
  // An address of its own: a pod that is stopped and started again finds it free.
  const { host, port: wanted } = podAddress();
  await new Promise<void>((resolve) => server.listen(wanted, host, resolve));
  const pod: TestPod = { podId, region, server, host, port: (server.address() as AddressInfo).port, got, answer };
  return pod;
}
