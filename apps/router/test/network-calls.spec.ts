import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { RouterFixture, type StubGateway } from './support/router-fixture.js';

let fixture: RouterFixture;
let gateway: StubGateway;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  gateway = await fixture.addRegion('mv');
});

afterAll(() => fixture.close());

interface Seen {
  /** Requests sent by the router, by origin. */
  readonly requests: string[];
  /** Connections opened by this process, by port. */
  readonly ports: number[];
}

/** Everything that leaves this process while `run` runs: requests of the router's client, and every TCP connection. */
async function watch(run: () => Promise<void>): Promise<Seen> {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const onRequest = (message: unknown): void =>
    void requests.push(String((message as { request: { origin: URL | string } }).request.origin));
  const onSocket = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket);
  subscribe('undici:request:create', onRequest);
  subscribe('net.client.socket', onSocket);
  try {
    await run();
  } finally {
    unsubscribe('undici:request:create', onRequest);
    unsubscribe('net.client.socket', onSocket);
  }
  return { requests, ports: sockets.flatMap((socket) => socket.remotePort ?? []) };
}

describe('the path of a call', () => {
  it('makes no network call but the one to the region gateway', async () => {
    const model = fixture.addInstance(142, ['mv']);
    fixture.addInstance(143, ['mv'], { openai_compatible: false, custom_api_path: 'generate' });
    await fixture.chat(model);
    gateway.seen.length = 0;
    const seen = await watch(async () => {
      for (let call = 0; call < 20; call += 1) expect((await fixture.chat(model)).status).toBe(200);
      for (let call = 0; call < 20; call += 1) {
        expect((await fixture.call('/inference-instances/143/proxy/generate', { method: 'POST', body: '{}' })).status).toBe(200);
      }
    });
    expect(gateway.seen).toHaveLength(40);
    expect(seen.requests).toEqual(new Array(40).fill(gateway.url));
    const allowed = new Set([fixture.port, Number(new URL(gateway.url).port)]);
    expect(seen.ports.filter((port) => !allowed.has(port))).toEqual([]);
  });

  it('makes none at all for a call that is refused', async () => {
    const seen = await watch(async () => {
      expect((await fixture.chat('unknown:999')).status).toBe(404);
      expect((await fixture.call('/v1/chat/completions', { body: '{}', key: 'eco_wrong' })).status).toBe(401);
      expect((await fixture.call('/v1/models', { method: 'GET' })).status).toBe(200);
    });
    expect(seen.requests).toEqual([]);
  });
});
