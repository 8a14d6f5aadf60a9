import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import { upstreamConnector } from './upstream-connector.js';

const CONNECTIONS = 20;
const MEBIBYTE = 1_048_576;

let server: Server | undefined;
let pool: Pool | undefined;

afterEach(async () => {
  await pool?.destroy();
  server?.closeAllConnections();
  server?.close();
});

async function startUpstream(listener: RequestListener): Promise<Pool> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS, connect: upstreamConnector({ timeout: 1_000 }) });
  return pool;
}

function get(from: Pool, path: string): Promise<Dispatcher.ResponseData> {
  return from.request({ method: 'GET', path });
}

/** Bytes that tell which answer they belong to, and where in it. */
function bytesOf(name: string, length: number): Buffer {
  const step = Number(name.slice(1)) + 1;
  return Buffer.from(Array.from({ length }, (_, index) => (index * step) % 251));
}

describe('upstreamConnector', () => {
  it('gives to each connection what arrived on it, in its order, while others receive too', async () => {
    const upstream = await startUpstream((request, response) => {
      const bytes = bytesOf(request.url ?? '', 100_000);
      let sent = 0;
      const next = (): void => {
        const length = 1 + ((sent * 7 + bytes.length) % 9_000);
        response.write(bytes.subarray(sent, sent + length));
        sent += length;
        if (sent < bytes.length) setImmediate(next);
        else response.end();
      };
      next();
    });
    const names = Array.from({ length: CONNECTIONS * 3 }, (_, index) => `/${index}`);

    const bodies = await Promise.all(
      names.map(async (name) => Buffer.from(await (await get(upstream, name)).body.arrayBuffer())),
    );

    bodies.forEach((body, index) => expect(body.equals(bytesOf(names[index] ?? '', 100_000))).toBe(true));
  });

  it('keeps what was delivered when more arrives on the same connection', async () => {
    const upstream = await startUpstream((request, response) => response.end(bytesOf(request.url ?? '', 500)));
    const kept: Uint8Array[] = [];
    for (let index = 0; index < 50; index += 1) {
      const { body } = await get(upstream, `/${index}`);
      for await (const chunk of body) kept.push(chunk as Uint8Array);
    }

    expect(Buffer.concat(kept).equals(Buffer.concat(kept.map((_, index) => bytesOf(`/${index}`, 500))))).toBe(true);
  });

  it('holds back an upstream whose answer nobody takes, and gets all of it afterwards', async () => {
    let written = 0;
    const upstream = await startUpstream((_request, response) => {
      const next = (): void => {
        while (written < 64) {
          written += 1;
          if (!response.write(Buffer.alloc(MEBIBYTE, written))) return void response.once('drain', next);
        }
        response.end();
      };
      next();
    });
    const { body } = await get(upstream, '/');
    let before = -1;
    while (written !== before) {
      before = written;
      await delay(100);
    }
    expect(written).toBeLessThan(32);

    const bytes = Buffer.from(await body.arrayBuffer());

    expect(bytes.length).toBe(64 * MEBIBYTE);
    expect([0, 17, 63].map((index) => bytes[index * MEBIBYTE])).toEqual([1, 18, 64]);
  });

  it('tells a connection that is refused', async () => {
    const upstream = await startUpstream((_request, response) => response.end());
    server?.close();
    await once(server ?? upstream, 'close');

    await expect(get(upstream, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
