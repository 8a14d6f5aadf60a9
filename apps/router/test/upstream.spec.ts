import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AttemptResult, type UpstreamRequest, Upstreams } from '../src/upstream/upstream.js';

const LIMITS = { connectTimeoutMs: 20_000, firstByteTimeoutMs: 20_000, idleTimeoutMs: 20_000, connectionsMax: 4 };
const upstreams = new Upstreams(LIMITS);
const servers: Server[] = [];

afterAll(async () => {
  await upstreams.close();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function send(origin: string, overrides: Partial<UpstreamRequest> = {}): Promise<AttemptResult> {
  const deadlineMs = performance.now() + 60_000;
  return upstreams.send(origin, { method: 'GET', path: '/', headers: [], body: null, deadlineMs, ...overrides }).result;
}

/** Takes the answer's body after a while, and tells what came. */
async function takeLate(result: AttemptResult): Promise<string> {
  if (result.kind !== 'answer') return result.kind;
  await new Promise((resolve) => setTimeout(resolve, 100));
  return new Promise((resolve) => {
    let text = '';
    result.answer.consume({
      onData: (chunk) => (text += chunk.toString()),
      onEnd: () => resolve(`${text}|end`),
      onError: (why) => resolve(`${text}|${why}`),
    });
  });
}

describe('an attempt', () => {
  it('that nobody listens for was surely never sent', async () => {
    const origin = await serve(() => undefined);
    servers.pop()?.close();
    expect(await send(origin)).toEqual({ kind: 'failed', sent: false, cause: 'connect_failed' });
  });

  it('with what must not be put on the wire is nobody’s failure but the client’s', async () => {
    const origin = await serve((_request, response) => response.end());
    expect(await send(origin, { headers: ['x-a', 'b\nc'] })).toMatchObject({ kind: 'unsendable' });
    expect(await send(origin, { path: '/a b' })).toMatchObject({ kind: 'unsendable' });
  });

  it('whose time is over before an answer began is a time-out', async () => {
    const origin = await serve(() => undefined);
    const result = await send(origin, { deadlineMs: performance.now() + 1_000 });
    expect(result).toEqual({ kind: 'failed', sent: true, cause: 'timeout' });
  });

  it('loses nothing of an answer that was over before anybody took it', async () => {
    const origin = await serve((request, response) => {
      if (request.method === 'HEAD') response.end();
      else if (request.url === '/empty') response.writeHead(204).end();
      else if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setTimeout(() => response.destroy(), 20);
      } else response.end('whole');
    });
    expect(await takeLate(await send(origin))).toBe('whole|end');
    expect(await takeLate(await send(origin, { method: 'HEAD' }))).toBe('|end');
    expect(await takeLate(await send(origin, { path: '/empty' }))).toBe('|end');
    expect(await takeLate(await send(origin, { path: '/cut' }))).toBe('half|lost');
  });
});
