import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeCertificate, type TestCertificate, trustCertificate } from '@ecolink/testing';
import { type AttemptResult, Upstreams } from '../src/upstream/upstream.js';

const LIMITS = { connectTimeoutMs: 2_000, firstByteTimeoutMs: 5_000, idleTimeoutMs: 5_000, connectionsMax: 4 };

let directory: string;
let certificate: TestCertificate;
let server: Server;
let origin: string;
const asked: (string | undefined)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-secured-'));
  certificate = makeCertificate(directory);
  const [key, cert] = await Promise.all([readFile(certificate.keyFile), readFile(certificate.certificateFile)]);
  server = createServer({ key, cert }, (request, response) => {
    asked.push(request.url);
    request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(directory, { recursive: true, force: true });
});

async function send(upstreams: Upstreams): Promise<AttemptResult> {
  const body = Buffer.from('{"model":"m"}');
  const request = { method: 'POST', path: '/142/v1/x', headers: ['content-length', String(body.length)], body };
  return upstreams.send(origin, { ...request, deadlineMs: performance.now() + 10_000 }).result;
}

describe('a gateway behind TLS', () => {
  it('is not sent a call whose certificate nobody vouches for: the call may go elsewhere', async () => {
    const upstreams = new Upstreams(LIMITS);
    const result = await send(upstreams);
    expect(result).toMatchObject({ kind: 'failed', sent: false, cause: 'connect_failed' });
    expect(asked).toEqual([]);
    await upstreams.close();
  });

  it('is called like any other where its authority is known', async () => {
    const distrust = trustCertificate(certificate);
    const upstreams = new Upstreams(LIMITS);
    const result = await send(upstreams);
    distrust();
    expect(result).toMatchObject({ kind: 'answer', answer: { status: 200 } });
    expect(asked).toEqual(['/142/v1/x']);
    if (result.kind === 'answer') result.answer.abort();
    await upstreams.close();
  });
});
