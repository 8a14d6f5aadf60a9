import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ReadBodyResult, readBody } from './read-body.js';

const LIMITS = { bodyBytesMax: 8_388_608, bodyIdleTimeoutMs: 60_000, bodySlowestBytesPerSecond: 1, bodyPatienceMs: 60_000 };

/** What is read of a body that a client sends over a real connection. */
async function sent(pieces: readonly Buffer[], headers: Record<string, string | number>): Promise<ReadBodyResult> {
  let result: ReadBodyResult | undefined;
  const server = createServer((request, response) => {
    const hold = { take: () => undefined, release: () => undefined };
    void readBody(request, LIMITS, hold).then((read) => {
      result = read;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method: 'POST', headers, agent: false });
    request.on('error', reject).on('response', (response) => response.resume().on('end', resolve));
    for (const piece of pieces) request.write(piece);
    request.end();
  });
  server.close();
  if (result === undefined) throw new Error('an answer before the body was read');
  return result;
}

describe('a body that comes in pieces', () => {
  const pieces = Array.from({ length: 50 }, (_, index) => Buffer.alloc(99_991, `${index} `));
  const whole = Buffer.concat(pieces);

  it.each([
    ['announced', { 'content-length': whole.length }],
    ['not announced', { 'transfer-encoding': 'chunked' }],
  ])('of several megabytes is read whole, with its length %s', async (_what, headers) => {
    const read = await sent(pieces, headers);
    expect([read.kind, read.kind === 'bytes' && read.bytes.equals(whole)]).toEqual(['bytes', true]);
  });
});
