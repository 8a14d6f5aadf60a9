import { createServer, type IncomingMessage, request as httpRequest, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FairTurns } from '@ecolink/proxy';
import { configureServer } from '../../src/data-plane/configure-server.js';
import { createDataPlane } from '../../src/data-plane/data-plane.js';
import type { CallOutcome } from '../../src/data-plane/forwarded-call.js';
import type { InstancePods } from '../../src/pods/instance-pods.js';
import type { Pod } from '../../src/pods/pod.js';
import type { RunningPodSpec } from '../../src/pods/pod-spec.js';
import { PodTable } from '../../src/pods/pod-table.js';
import { CALL_LIMITS, POD_LIMITS } from '../../src/region-gateway-config.js';
import type { CallLimits } from '../../src/data-plane/call-limits.js';
import type { InstanceLimits } from '../../src/pods/instance-pods.js';

const SECRET = 'between-router-and-gateway';

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: string[];
  readonly body: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

const open: (() => Promise<void>)[] = [];

/** Ends every server that a test began. For `afterEach`. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()));
}

/** A pod: a real HTTP server on a free port. */
export async function startPod(
  listener: (...exchange: Parameters<RequestListener>) => unknown,
): Promise<{ url: string; server: Server }> {
  const server = createServer({ maxHeaderSize: 131_072 }, (request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => closeServer(server));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<string> {
  const { url, server } = await startPod(() => undefined);
  await closeServer(server);
  return url;
}

export interface DataPlaneFixture {
  readonly port: number;
  readonly pods: PodTable;
  readonly unreachable: Pod[];
  /** Ids of pods that were left out, in order. */
  readonly ejected: readonly string[];
  readonly outcomes: CallOutcome[];
  /** Sets the pods of an instance, and takes all of them for healthy. */
  setPods(instanceId: number, urls: readonly (string | Partial<RunningPodSpec>)[]): InstancePods;
  call(path: string, options?: CallOptions): Promise<Answer>;
}

export async function startDataPlane(
  callLimits: Partial<CallLimits> = {},
  podLimits: Partial<InstanceLimits> = {},
): Promise<DataPlaneFixture> {
  const unreachable: Pod[] = [];
  const outcomes: CallOutcome[] = [];
  const ejected: string[] = [];
  const observer = {
    added: () => undefined,
    removed: () => undefined,
    changed: () => undefined,
    ejected: (_instance: InstancePods, pod: Pod) => void ejected.push(pod.podId),
  };
  const pods = new PodTable({ ...POD_LIMITS, ...podLimits }, observer);
  const listener = createDataPlane({
    region: 'mv',
    internalSecret: SECRET,
    pods,
    limits: { ...CALL_LIMITS, ...callLimits },
    turns: new FairTurns({ unitsPerHolder: 1_000, unitsInAll: 2_000 }),
    onUnreachable: (_instance, pod) => unreachable.push(pod),
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  const server = createServer({ noDelay: true }, (request, response) => {
    if (!listener(request, response)) response.writeHead(404).end();
  });
  configureServer(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(async () => {
    await closeServer(server);
    await pods.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    pods,
    unreachable,
    ejected,
    outcomes,
    setPods: (instanceId, urls) => setHealthyPods(pods, instanceId, urls),
    call: (path, options = {}) => call(port, path, options),
  };
}

function setHealthyPods(pods: PodTable, instanceId: number, urls: readonly (string | Partial<RunningPodSpec>)[]): InstancePods {
  const specs = urls.map((given, index): RunningPodSpec => {
    const spec = typeof given === 'string' ? { url: given } : given;
    return { kind: 'running', podId: `pod_${index}`, weight: 1, apiKey: null, url: '', ...spec };
  });
  pods.setPods(instanceId, { openaiCompatible: true, healthPath: null }, specs);
  const instance = pods.get(instanceId);
  if (instance === undefined) throw new Error('the instance was not created');
  for (const pod of instance.pods) for (let probe = 0; probe < 2; probe += 1) pod.probed({ kind: 'ok', status: 200 }, Date.now());
  instance.healthChanged();
  return instance;
}

function lengthOf({ body }: CallOptions): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

/** Begins a call without waiting for its answer. */
export function beginCall(port: number, path: string, options: CallOptions = {}) {
  return httpRequest({
    host: '127.0.0.1',
    port,
    path,
    method: options.method ?? 'GET',
    agent: false,
    headers: { 'x-ecolink-internal-secret': SECRET, ...lengthOf(options), ...options.headers },
  });
}

async function call(port: number, path: string, options: CallOptions): Promise<Answer> {
  const request = beginCall(port, path, options);
  request.end(options.body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => request.on('response', resolve).on('error', reject));
  const { statusCode = 0, statusMessage = '', headers, rawHeaders } = response;
  return { status: statusCode, statusText: statusMessage, headers, rawHeaders, body: await text(response) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
