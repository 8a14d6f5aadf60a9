import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeCertificate, trustCertificate } from '@ecolink/testing';
import { Redis } from 'ioredis';
import { RedisTotalsTransport } from '../src/index.js';
import { type RedisServer, startRedis } from './redis-server.js';
import { totalsContract } from './totals.contract.js';

const PASSWORD = 'a-password-of-tests/with?odd@characters';
/** Installs the server where there is none. */
const START_TIMEOUT_MS = 180_000;

let directory: string;
let server: RedisServer;
let distrust: () => void = () => undefined;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-redis-'));
  const certificate = makeCertificate(directory);
  server = await startRedis({ dataDir: path.join(directory, 'redis'), secured: { password: PASSWORD, ...certificate } });
  distrust = trustCertificate(certificate);
}, START_TIMEOUT_MS);

afterAll(async () => {
  distrust();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function ping(url: string): Promise<string> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.ping();
  } finally {
    client.disconnect();
  }
}

describe('a Redis that wants TLS and a password', () => {
  it('is not used without the password, and not where its certificate is nobody’s that is known', async () => {
    const url = server.securedUrl ?? '';
    await expect(ping(url.replace(/:[^@/]*@/, ':wrong@'))).rejects.toThrow();
    await expect(ping(server.url)).rejects.toThrow();
    distrust();
    await expect(ping(url)).rejects.toThrow();
    distrust = trustCertificate({ keyFile: '', certificateFile: path.join(directory, 'cert.pem') });
    expect(await ping(url)).toBe('PONG');
  });

  totalsContract(() => {
    const url = server.securedUrl ?? '';
    const admin = new Redis(url);
    return Promise.resolve({
      createTransport: () => new RedisTotalsTransport({ url }),
      empty: () => admin.flushall().then(() => undefined),
      close: () => admin.quit().then(() => undefined),
    });
  });
});
