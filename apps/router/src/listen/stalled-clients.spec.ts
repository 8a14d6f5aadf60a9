import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { waitFor } from '@ecolink/testing';
import { StalledClients } from './stalled-clients.js';

const STALL_MS = 60_000;
const LARGE = Buffer.alloc(32 * 1_048_576, 'x');

/** A server whose answer is larger than any buffer on the way, and a client of it that reads when it is told to. */
async function bed() {
  const clock = { nowMs: 0 };
  let cuts = 0;
  const stalled = new StalledClients(
    STALL_MS,
    () => (cuts += 1),
    () => clock.nowMs,
  );
  const server = createServer((_request, response) => response.end(LARGE));
  stalled.watch(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  client.pause();
  client.on('error', () => undefined);
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const [socket] = await new Promise<[Socket]>((resolve) => {
    server.once('request', (request) => resolve([request.socket]));
  });
  await waitFor(() => socket.writableLength > 0, { timeoutMs: 5_000, what: 'bytes that wait' });
  const pass = (ms: number): void => {
    clock.nowMs += ms;
    stalled.look();
  };
  const close = (): void => {
    stalled.stop();
    client.destroy();
    server.closeAllConnections();
    server.close();
  };
  return { client, socket, pass, cuts: () => cuts, close };
}

describe('a client for which bytes wait', () => {
  it('is cut when it takes none of them for the time given, and not before', async () => {
    const { socket, pass, cuts, close } = await bed();
    // The system's buffers fill for a moment.
    await waitFor(
      () => {
        pass(1);
        const before = cuts();
        pass(STALL_MS - 2);
        return before === 0 && cuts() === 0 && !socket.destroyed;
      },
      { timeoutMs: 5_000, what: 'a look' },
    );
    pass(STALL_MS);
    expect([cuts(), socket.destroyed]).toEqual([1, true]);
    close();
  });

  it('is left alone while it takes a little at a time', async () => {
    const { client, socket, pass, cuts, close } = await bed();
    pass(1);
    for (let round = 0; round < 5; round += 1) {
      const before = socket.bytesWritten - socket.writableLength;
      client.resume();
      await once(client, 'data');
      client.pause();
      await waitFor(() => socket.destroyed || before !== -1, { timeoutMs: 1_000, what: 'progress' });
      client.read(1_048_576);
      await new Promise((resolve) => setImmediate(resolve));
    }
    pass(STALL_MS - 1);
    expect([cuts(), socket.destroyed]).toEqual([0, false]);
    close();
  });
});
