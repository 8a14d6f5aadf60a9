import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { RouterFixture } from '../support/router-fixture.js';

const MIB = 1_048_576;
const FILE_BYTES = 1_024 * MIB;
const HELD_BYTES_MAX = 32 * MIB;
const BOUNDARY = 'large';

let fixture: RouterFixture;
let gateway: Server;
let gotBytes = 0;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  gateway = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => (gotBytes += chunk.length));
    request.on('end', () => response.setHeader('content-type', 'application/json').end('{"text":"heard"}'));
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  fixture.plane.put('regions', { region: 'mv', name: 'mv', gateway_url: url, state: 'active' });
  fixture.addInstance(1, ['mv'], { category: 'audio', model_name: 'my-whisper' });
}, 60_000);

afterAll(async () => {
  gateway.closeAllConnections();
  gateway.close();
  await fixture.close();
});

it('a form with a file of 1 GiB passes through, and is nowhere held', async () => {
  const head = Buffer.from(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\n\r\nmy-whisper:1\r\n` +
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n`,
  );
  const end = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
  const length = head.length + FILE_BYTES + end.length;
  const request = httpRequest({
    host: '127.0.0.1',
    port: fixture.port,
    path: '/v1/audio/transcriptions',
    method: 'POST',
    headers: {
      authorization: `Bearer ${fixture.key}`,
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': length,
    },
  });
  const answered = once(request, 'response');
  const piece = Buffer.alloc(256 * 1_024, 7);
  gotBytes = 0;
  let heldBytes = 0;
  request.write(head);
  for (let sent = 0; sent < FILE_BYTES; sent += piece.length) {
    if (!request.write(piece)) await once(request, 'drain');
    // What the client has sent, and the gateway does not have yet.
    heldBytes = Math.max(heldBytes, head.length + sent + piece.length - gotBytes);
  }
  request.end(end);
  const [response] = (await answered) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(200);
  expect(gotBytes).toBe(length - ':1'.length);
  expect(heldBytes).toBeLessThan(HELD_BYTES_MAX);
}, 300_000);
