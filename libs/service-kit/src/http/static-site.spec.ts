import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { StaticSite } from './static-site.js';

const SECRET = 'outside of the site';
const script = 'console.log("hello");'.repeat(100);
const base = mkdtempSync(join(tmpdir(), 'ecolink-site-'));
const directory = join(base, 'site');
let server: Server;
let origin: { host: string; port: number };

beforeAll(async () => {
  mkdirSync(join(directory, 'assets'), { recursive: true });
  writeFileSync(join(base, 'secret.txt'), SECRET);
  writeFileSync(join(directory, 'index.html'), '<meta name="csp-nonce" content="__CSP_NONCE__"><h1>console</h1>');
  writeFileSync(join(directory, 'operator.html'), '<meta name="csp-nonce" content="__CSP_NONCE__"><h1>operators</h1>');
  writeFileSync(join(directory, 'icon.svg'), '<svg/>');
  writeFileSync(join(directory, 'assets/main-abc.js'), script);
  writeFileSync(join(directory, 'assets/main-abc.js.br'), brotliCompressSync(script));
  const mounts = [
    { path: '/console', page: 'index.html' },
    { path: '/operator', page: 'operator.html' },
  ];
  const site = new StaticSite({ directory, mounts });
  server = createServer((request, response) => {
    if (!site.handle(request, response)) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
});

afterAll(() => {
  server.close();
  rmSync(base, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

function ask(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = send({ ...origin, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    call.on('error', reject).end();
  });
}

describe('a page of the site', () => {
  it('is the same at every address below its path, and never stored', async () => {
    for (const path of ['/console', '/console/', '/console/instances/142?tab=logs', '/console/requests']) {
      const { status, headers, body } = await ask(path);
      expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
      expect(body.toString()).toContain('<h1>console</h1>');
    }
    expect((await ask('/operator/accounts')).body.toString()).toContain('<h1>operators</h1>');
  });

  it('carries a nonce of its own in its text and in the policy', async () => {
    const nonces = new Set<string>();
    for (let count = 0; count < 3; count += 1) {
      const { headers, body } = await ask('/console');
      const nonce = /content="([^"]+)"/.exec(body.toString())?.[1] ?? '';
      expect(String(headers['content-security-policy'])).toContain(`style-src 'self' 'nonce-${nonce}'`);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
  });

  it('may load nothing from another host, and run no inline script', async () => {
    const { headers } = await ask('/console');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe-|https?:|\*/);
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' });
  });

  it('answers HEAD with the length and no body', async () => {
    const whole = await ask('/console');
    const head = await ask('/console', 'HEAD');
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, whole.headers['content-length'], 0]);
  });

  it('takes no other method', async () => {
    const { status, headers } = await ask('/console', 'POST');
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
  });
});

describe('an asset of the site', () => {
  it('is compressed for those who take it, and never changes', async () => {
    const packed = await ask('/console/assets/main-abc.js', 'GET', { 'accept-encoding': 'gzip, br' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'br', 'cache-control': 'public, max-age=31536000, immutable' });
    expect(brotliDecompressSync(packed.body).toString()).toBe(script);
    const plain = await ask('/operator/assets/main-abc.js', 'GET', { 'accept-encoding': 'gzip, br;q=0' });
    expect([plain.headers['content-encoding'], plain.body.toString()]).toEqual([undefined, script]);
  });

  it('is not sent again to a browser that has it', async () => {
    const { headers } = await ask('/console/icon.svg');
    const again = await ask('/console/icon.svg', 'GET', { 'if-none-match': String(headers['etag']) });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('of another version is 404 and not a page', async () => {
    expect((await ask('/console/assets/main-old.js')).status).toBe(404);
  });
});

describe('outside of the site', () => {
  it('leaves other paths to others', async () => {
    expect((await ask('/consoles')).status).toBe(418);
    expect((await ask('/api/v1/me')).status).toBe(418);
  });

  it('never reads a file, whatever the path', async () => {
    const steps = fc.constantFrom(
      '..',
      '%2e%2e',
      '.',
      'assets',
      '%2f',
      '%5c',
      '\\',
      '..%2f',
      'secret.txt',
      'index.html',
      '%00',
      '%',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 8 }), async (parts) => {
        const { body } = await ask(`/console/${parts.join('/')}`);
        expect(body.toString()).not.toContain(SECRET);
      }),
      { numRuns: 200 },
    );
  });
});
