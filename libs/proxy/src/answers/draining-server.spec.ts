import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { DrainingServer } from './draining-server.js';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** What comes on the connection from here on. */
function textOf(socket: Socket): () => string {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

describe('DrainingServer', () => {
  it('closes connections that never carried a call, and kept-alive ones, at once', async () => {
    const server = createServer((_request, response) => response.end('ok'));
    const draining = new DrainingServer(server);
    const port = await listen(server);
    const unused = await connected(port);
    const kept = await connected(port);
    kept.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(kept, 'data');
    const closed = Promise.all([once(unused, 'close'), once(kept, 'close')]);
    await draining.drain(60_000);
    await closed;
  });

  it('lets a call in flight end, whole, and closes its connection then', async () => {
    let finish: () => void = () => undefined;
    const server = createServer((_request, response) => {
      response.write('first ');
      finish = () => response.end('last');
    });
    const draining = new DrainingServer(server);
    const socket = await connected(await listen(server));
    const received = textOf(socket);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'data');
    const drained = draining.drain(60_000);
    finish();
    await Promise.all([drained, once(socket, 'close')]);
    expect(received()).toContain('first ');
    expect(received()).toContain('last');
    expect(received().endsWith('0\r\n\r\n')).toBe(true);
  });

  it('knows when an answer has ended though its request was taken from the connection, as undici does with an upload', async () => {
    let finish: () => void = () => undefined;
    const server = createServer((request, response) => {
      Object.assign(request, { socket: null });
      response.write('first ');
      finish = () => response.end('last');
    });
    const draining = new DrainingServer(server);
    const socket = await connected(await listen(server));
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'data');
    const drained = draining.drain(60_000);
    finish();
    await Promise.all([drained, once(socket, 'close')]);
  });

  it('answers what was sent behind a call in flight, and closes then', async () => {
    let finish: () => void = () => undefined;
    const server = createServer((request, response) => {
      if (request.url === '/second') {
        response.end('second');
        return;
      }
      response.write('first ');
      finish = () => response.end('last');
    });
    const draining = new DrainingServer(server);
    const socket = await connected(await listen(server));
    const received = textOf(socket);
    socket.write('GET /first HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'data');
    const drained = draining.drain(60_000);
    const arrived = once(server, 'request');
    socket.write('GET /second HTTP/1.1\r\nhost: x\r\n\r\n');
    await arrived;
    finish();
    await Promise.all([drained, once(socket, 'close')]);
    expect(received()).toMatch(/last[^]*second/);
  });

  it('cuts what has not ended in time', async () => {
    const server = createServer((_request, response) => void response.write('for ever'));
    const draining = new DrainingServer(server);
    const socket = await connected(await listen(server));
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await draining.drain(50);
    await closed;
  });
});
