import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { ServiceRequest, withFullHeaders } from './service-request.js';

const HOST = 'Host: localhost';
const REQUESTS: Readonly<Record<string, readonly string[]>> = {
  plain: ['GET / HTTP/1.1', HOST],
  'without a host': ['GET / HTTP/1.1'],
  'of HTTP/1.0, without a host': ['GET / HTTP/1.0'],
  'of HTTP/1.0, for whom chunks are fine': ['GET / HTTP/1.0', 'TE: trailers', 'te: chunked'],
  'that expects to be told to go on': ['GET / HTTP/1.1', HOST, 'eXPECT: 100-continue'],
  'that expects something else': ['GET / HTTP/1.1', HOST, 'Expect: a miracle'],
  'that expects twice': ['GET / HTTP/1.1', HOST, 'Expect: a miracle', 'Expect: 100-continue'],
  'with names in several spellings': ['GET / HTTP/1.1', HOST, 'Accept: a', 'aCCEPT: b', 'Authorization: a', 'authorization: b'],
  'that would like another protocol': ['GET / HTTP/1.1', HOST, 'Connection: upgrade', 'Upgrade: websocket'],
};

let nodes: Server;
let ours: Server;

beforeAll(async () => {
  nodes = createServer(tell);
  ours = createServer({ IncomingMessage: ServiceRequest }, withFullHeaders(tell));
  for (const server of [nodes, ours]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
});

afterAll(() => {
  for (const server of [nodes, ours]) server.close();
});

test.each(Object.keys(REQUESTS))('a request %s is answered as Node answers it, and told with the same headers', async (name) => {
  const answer = await answerTo(ours, REQUESTS[name] ?? []);
  expect(answer).toMatch(/^HTTP\/1\.1 \d{3} /);
  expect(answer).toBe(await answerTo(nodes, REQUESTS[name] ?? []));
});

test('headers that were set stay', () => {
  const request = new ServiceRequest(null as never);
  request.areHeadersFull = true;
  request.headers = { accept: 'a' };
  expect(request.headers).toEqual({ accept: 'a' });
});

function tell(request: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
  response.write(JSON.stringify(request.headers));
  response.end();
}

/** All that comes back until the server closes the connection. */
async function answerTo(server: Server, lines: readonly string[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.end([...lines, '', ''].join('\r\n'));
  await once(socket, 'close');
  // Node's own answers carry the date.
  return text.replace(/^Date: .*\r\n/m, '');
}
