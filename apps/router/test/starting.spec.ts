import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ControlPlane, startControlPlane } from '@ecolink/testing';
import { ROUTER_LIMITS } from '../src/config.js';
import { type RunningRouter, startRouter } from '../src/start-router.js';
import { INSTANCE } from './support/router-fixture.js';

process.env['LOG_LEVEL'] ??= 'silent';

const HOST = '127.0.0.1';
const MODEL_ID = `${INSTANCE.model_name}:${INSTANCE.instance_id}`;

let plane: ControlPlane;
let router: RunningRouter;
let directory: string;
let headers: Record<string, string>;

/** Where nothing listens. */
async function deadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://${HOST}:${port}`;
}

beforeAll(async () => {
  plane = await startControlPlane();
  headers = { authorization: `Bearer ${plane.addCaller('acc_owner')}` };
  const since = '2026-01-01T00:00:00.000Z';
  plane.put('regions', { region: 'mv', name: 'mv', gateway_url: await deadUrl(), state: 'active' });
  plane.put('instances', INSTANCE);
  const pods = [{ pod_id: 'pod_0', region: 'mv', healthy: true, reason: null, since }];
  plane.put('health', { instance_id: INSTANCE.instance_id, pods });
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-router-'));
  const urls = { authBillingUrl: plane.url, instanceRegistryUrl: plane.url, healthCheckerUrl: plane.url };
  const listeners = { host: HOST, port: 0, adminHost: HOST, adminPort: 0 };
  const config = {
    routerId: 'test',
    ...listeners,
    ...urls,
    dataDirectory: directory,
    internalSecret: 'secret',
    limits: ROUTER_LIMITS,
  };
  router = await startRouter(config, plane.bus);
});

afterAll(async () => {
  (router.app.getHttpServer() as Server).closeAllConnections();
  await router.close();
  await plane.close();
  await rm(directory, { recursive: true, force: true });
});

describe('a router that starts while every gateway and pod is down', () => {
  it('is ready', async () => {
    expect((await fetch(`${router.url}/readyz`)).status).toBe(200);
  });

  it('lists models, which it asks no pod for', async () => {
    const answer = await fetch(`${router.url}/v1/models`, { headers });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual([MODEL_ID]);
  });

  it('tells a call at once that there is no healthy pod', async () => {
    const body = JSON.stringify({ model: MODEL_ID, messages: [] });
    const answer = await fetch(`${router.url}/v1/chat/completions`, { method: 'POST', headers, body });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
  });
});
