import { mkdtemp, rm } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type RequestOptions,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { InstanceRecord } from '@ecolink/contracts';
import { type ControlPlane, instanceRecord, startControlPlane } from '@ecolink/testing';
import { ROUTER_LIMITS, type RouterLimits } from '../../src/config.js';
import { type RunningRouter, startRouter } from '../../src/start-router.js';

// What a router says of each call is looked at by its own test only.
process.env['LOG_LEVEL'] ??= 'silent';

const SECRET = 'between-router-and-gateway';
const HOST = '127.0.0.1';

/** A request as a gateway got it. */
export interface SeenRequest {
  readonly instanceId: number;
  readonly method: string;
  /** Path and query below the instance, as they were on the wire. */
  readonly path: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type GatewayAnswer = (response: ServerResponse, seen: SeenRequest, request: IncomingMessage) => unknown;

/** Stands for a region's gateway and the pods behind it. */
export interface StubGateway {
  readonly url: string;
  readonly server: Server;
  readonly seen: SeenRequest[];
  /** How it answers from now on. */
  answer: GatewayAnswer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly key?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

export class RouterFixture {
  readonly key: string;
  private readonly gateways: StubGateway[] = [];

  private constructor(
    readonly plane: ControlPlane,
    readonly router: RunningRouter,
    private readonly directory: string,
  ) {
    this.key = plane.addCaller('acc_owner');
  }

  /** @param disk where its journal and its copies are. */
  static async start(limits: Partial<RouterLimits> = {}, disk = tmpdir()): Promise<RouterFixture> {
    const plane = await startControlPlane();
    const directory = await mkdtemp(path.join(disk, 'ecolink-router-'));
    const router = await startRouter(
      {
        routerId: 'test',
        host: HOST,
        port: 0,
        adminHost: HOST,
        adminPort: 0,
        dataDirectory: directory,
        internalSecret: SECRET,
        authBillingUrl: plane.url,
        instanceRegistryUrl: plane.url,
        healthCheckerUrl: plane.url,
        limits: { ...ROUTER_LIMITS, ...limits },
      },
      plane.bus,
    );
    return new RouterFixture(plane, router, directory);
  }

  get port(): number {
    return this.router.port;
  }

  async addRegion(region: string, answer: GatewayAnswer = answerOk): Promise<StubGateway> {
    const gateway = await startGateway(answer);
    this.gateways.push(gateway);
    this.plane.put('regions', { region, name: region, gateway_url: gateway.url, state: 'active' });
    return gateway;
  }

  /** Adds an instance with a healthy pod in each region named, and gives its model id. A region named twice has two. */
  addInstance(instanceId: number, regions: readonly string[], overrides: Partial<InstanceRecord> = {}): string {
    const record = { ...INSTANCE, instance_id: instanceId, ...overrides };
    this.plane.put('instances', record);
    const pods = regions.map((region, index) => ({ pod_id: `pod_${index}`, region, healthy: true, reason: null, since: SINCE }));
    this.plane.put('health', { instance_id: instanceId, pods });
    return `${record.model_name}:${instanceId}`;
  }

  chat(model: string, body: Record<string, unknown> = {}): Promise<Answer> {
    return this.call('/v1/chat/completions', { body: JSON.stringify({ model, messages: [], ...body }) });
  }

  async call(target: string, options: CallOptions = {}): Promise<Answer> {
    const response = await this.begin(target, options);
    return { status: response.statusCode ?? 0, headers: response.headers, text: (await buffer(response)).toString('utf8') };
  }

  /** Resolves with the head of the answer. */
  begin(target: string, options: CallOptions = {}, extra: RequestOptions = {}): Promise<IncomingMessage> {
    const { key = this.key, body, headers } = options;
    const method = options.method ?? (body === undefined ? 'GET' : 'POST');
    return new Promise((resolve, reject) => {
      const all = { authorization: `Bearer ${key}`, ...headers };
      const request = httpRequest(
        { host: HOST, port: this.port, path: target, method, agent: false, headers: all, ...extra },
        resolve,
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.gateways.map(({ server }) => closeServer(server)));
    (this.router.app.getHttpServer() as Server).closeAllConnections();
    await this.router.close();
    await this.plane.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

const SINCE = '2026-01-01T00:00:00.000Z';
export const INSTANCE = instanceRecord();

const COMPLETION = JSON.stringify({
  choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
});

export const answerOk: GatewayAnswer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': COMPLETION.length }).end(COMPLETION);
};

/** What a gateway says when a pod surely did not get the request. */
export const answerNeverSent: GatewayAnswer = (response) => {
  response.writeHead(502, { 'x-ecolink-gateway-error': 'connect_failed', 'x-ecolink-sent': 'no' }).end('{}');
};

/** A pod that breaks off before it answers. */
export const breakOff: GatewayAnswer = (response) => response.destroy();

export function answerStatus(status: number): GatewayAnswer {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(`{"error":{"message":"${status}"}}`);
}

async function startGateway(answer: GatewayAnswer): Promise<StubGateway> {
  const server = createServer({ maxHeaderSize: 131_072 }, (request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const gateway: StubGateway = { url: `http://${HOST}:${(server.address() as AddressInfo).port}`, server, seen: [], answer };
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const match = /^\/([0-9]+)(.*)$/s.exec(request.url ?? '');
    const { method = '', rawHeaders, headers } = request;
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    const seen = {
      instanceId: Number(match?.[1]),
      method,
      path: match?.[2] ?? '',
      rawHeaders,
      headers,
      body: body.toString('latin1'),
    };
    gateway.seen.push(seen);
    gateway.answer(response, seen, request);
  }
  return gateway;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
