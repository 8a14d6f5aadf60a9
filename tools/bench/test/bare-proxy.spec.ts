import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@ecolink/testing';

const PROXY = fileURLToPath(new URL('../processes/bare-proxy.mjs', import.meta.url));

let pod: Server;
let proxy: ChildProcess;
let port: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  pod = createServer((incoming, response) => answer(incoming, response));
  await new Promise<void>((resolve) => pod.listen(0, '127.0.0.1', resolve));
  const upstream = `http://127.0.0.1:${(pod.address() as AddressInfo).port}`;
  proxy = spawn(process.execPath, [PROXY, JSON.stringify({ upstream })], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve) => proxy.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString())));
  port = (JSON.parse(line) as { port: number }).port;
});

afterAll(async () => {
  proxy.kill();
  pod.closeAllConnections();
  await new Promise((resolve) => pod.close(resolve));
});

function call(onAnswer: (answer: IncomingMessage) => void): ReturnType<typeof request> {
  const sent = request(
    { host: '127.0.0.1', port, method: 'POST', path: '/v1/x', headers: { connection: 'x-bound', 'x-bound': '1' } },
    onAnswer,
  );
  sent.on('error', () => undefined);
  sent.end('{"a":1}');
  return sent;
}

describe('the bare proxy that everything is measured against', () => {
  it('passes a body and an answer on, and keeps what belongs to a connection', async () => {
    let seen: { url: string | undefined; bound: unknown; body: string } | undefined;
    answer = (incoming, response) => {
      incoming
        .setEncoding('utf8')
        .on('data', (body: string) => (seen = { url: incoming.url, bound: incoming.headers['x-bound'], body }));
      incoming.on('end', () => response.writeHead(201, { 'x-a': 'b' }).end('whole'));
    };
    const text = await new Promise((resolve) =>
      call((received) =>
        received.setEncoding('utf8').on('data', (body) => resolve([received.statusCode, received.headers['x-a'], body])),
      ),
    );
    expect(text).toEqual([201, 'b', 'whole']);
    expect(seen).toEqual({ url: '/v1/x', bound: undefined, body: '{"a":1}' });
  });

  it('gives each piece of a stream while the next is not there yet', async () => {
    let streaming: ServerResponse | undefined;
    answer = (_incoming, response) => (streaming = response.writeHead(200, { 'content-type': 'text/event-stream' })).write('one');
    const pieces: string[] = [];
    call((received) => received.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece)));
    await waitFor(() => pieces.length === 1, { timeoutMs: 30_000, what: 'the first piece' });
    streaming?.end('two');
    await waitFor(() => pieces.length === 2, { timeoutMs: 30_000, what: 'the second piece' });
    expect(pieces).toEqual(['one', 'two']);
  });

  it('ends the pod’s work when its client leaves, and cuts what the pod cuts', async () => {
    let closed = false;
    answer = (_incoming, response) => {
      response.once('close', () => (closed = true)).write('one');
    };
    const left = call((received) => received.once('data', () => left.destroy()));
    await waitFor(() => closed, { timeoutMs: 30_000, what: 'the pod to be told' });
    answer = (_incoming, response) => {
      response.write('one');
      setImmediate(() => response.destroy());
    };
    const complete = await new Promise((resolve) =>
      call((received) =>
        received
          .on('error', () => undefined)
          .once('close', () => resolve(received.complete))
          .resume(),
      ),
    );
    expect(complete).toBe(false);
  });
});
