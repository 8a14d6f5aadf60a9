import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@ecolink/testing';
import { ensureProgram } from '../../engines/programs.mjs';
import { writeExampleEnvironment } from './support/example-environment.js';
import { readCompose, readText } from './support/read-compose.js';

const START_TIMEOUT_MS = 60_000;
const INSTALL_TIMEOUT_MS = 120_000;

const example = writeExampleEnvironment();
const settings = readCompose(example.variables).services['edge']?.environment ?? {};
const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-edge-'));
const authority = readFileSync(path.join(example.tlsDirectory, 'ca.pem'));
let nginx: ChildProcess;
let router: Server;
let port: number;
let handle: (request: IncomingMessage, response: ServerResponse) => void;

/** As the entrypoint of nginx's image does it: names that the environment has are filled in, others stay. */
function fillIn(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replaceAll(/\$(?:\{([A-Z_]+)\}|([A-Z_]+)\b)/g, (whole, braced?: string, bare?: string) => {
    const value = values[braced ?? bare ?? ''];
    return value === undefined ? whole : String(value);
  });
}

beforeAll(async () => {
  const file = await ensureProgram('nginx', ['nginx-light'], () => undefined);
  router = createServer((incoming, response) => handle(incoming, response)).listen(0, '127.0.0.1');
  await once(router, 'listening');
  port = await freePort();
  const here = (text: string | number | undefined): string =>
    String(text)
      .replaceAll(/router-[12]:80[0-9]+/g, `127.0.0.1:${(router.address() as AddressInfo).port}`)
      // Names are resolved again by newer versions than Debian's; here there are none to resolve.
      .replaceAll(' resolve', '');
  const values = {
    ...settings,
    EDGE_DIRECTORY: directory,
    LISTEN: `127.0.0.1:${String(settings['LISTEN']).replace('8443', String(port))}`,
    LISTEN_OPERATORS: `127.0.0.1:${String(settings['LISTEN_OPERATORS'])
      .replace('8444', '0')
      .replace(/^0/, String(await freePort()))}`,
    ROUTERS: here(settings['ROUTERS']),
    OPERATORS: here(settings['OPERATORS']),
    TLS: String(settings['TLS']).replaceAll('/etc/nginx/tls', example.tlsDirectory),
  };
  const configuration = path.join(directory, 'nginx.conf');
  mkdirSync(directory, { recursive: true });
  writeFileSync(configuration, fillIn(readText('tools/edge/nginx.conf.template'), values));
  expect(spawnSync(file, ['-t', '-p', directory, '-e', 'stderr', '-c', configuration], { encoding: 'utf8' }).stderr).toContain(
    'successful',
  );
  nginx = spawn(file, ['-p', directory, '-e', 'stderr', '-c', configuration], { stdio: 'ignore' });
  handle = (_incoming, response) => response.end('ok');
  const deadline = Date.now() + START_TIMEOUT_MS;
  while ((await call('/readyz').catch(() => undefined)) === undefined && Date.now() < deadline) await delay(20);
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  if (nginx.exitCode === null) {
    nginx.kill('SIGTERM');
    await once(nginx, 'close');
  }
  router.closeAllConnections();
  router.close();
  rmSync(directory, { recursive: true, force: true });
  example.remove();
});

async function call(url: string): Promise<IncomingMessage> {
  const outgoing = request({ host: '127.0.0.1', port, path: url, ca: authority, servername: 'localhost', agent: false }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}

it('speaks TLS with the certificate that compose mounts, and nothing else', async () => {
  const response = await call('/healthz');
  expect(response.statusCode).toBe(200);
  response.resume();
  const plain = await fetch(`http://127.0.0.1:${port}/healthz`);
  expect(plain.status).toBe(400);
});

it('passes each piece of a stream on as soon as it comes', async () => {
  let sendNext = (): void => undefined;
  handle = (_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: first\n\n');
    sendNext = () => response.end('data: second\n\n');
  };
  const response = await call('/v1/chat/completions');
  const [first] = (await once(response, 'data')) as [Buffer];
  // The router has not written the rest yet: what came was not held back.
  expect(first.toString()).toBe('data: first\n\n');
  sendNext();
  const [second] = (await once(response, 'data')) as [Buffer];
  expect(second.toString()).toBe('data: second\n\n');
});

it('is not steered by an answer: no other page of the product is asked for in its place, and none is slowed down', async () => {
  const asked: (string | undefined)[] = [];
  handle = (incoming, response) => {
    asked.push(incoming.url);
    response.writeHead(200, { 'x-accel-redirect': '/readyz', 'x-accel-limit-rate': '1', 'x-accel-charset': 'koi8-r' });
    response.end('the answer itself');
  };
  const response = await call('/inference-instances/1/proxy/generate');
  expect([response.statusCode, await text(response), asked]).toEqual([
    200,
    'the answer itself',
    ['/inference-instances/1/proxy/generate'],
  ]);
});

it('leaves no name of the template unfilled', () => {
  const names = [...readText('tools/edge/nginx.conf.template').matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name]) => name ?? '');
  expect(names.filter((name) => !(name in settings))).toEqual([]);
});

async function refusal(
  url: string,
  headers: Record<string, string> = {},
): Promise<[number | undefined, string | undefined, unknown]> {
  const options = { host: '127.0.0.1', port, path: url, method: 'POST', headers, ca: authority, servername: 'localhost' };
  const outgoing = request({ ...options, agent: false });
  outgoing.on('error', () => undefined);
  if (headers['content-length'] === undefined) outgoing.end('{}');
  else outgoing.flushHeaders();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const id = response.headers['x-ecolink-request-id'];
  return [response.statusCode, typeof id, JSON.parse(await text(response))];
}

it('refuses a body that no router would read before it is sent, in the shape of all refusals', async () => {
  const [status, id, body] = await refusal('/v1/chat/completions', { 'content-length': String(64 * 1_048_576 + 1) });
  expect([status, id, body]).toMatchObject([
    413,
    'string',
    { error: { code: 'request_too_large', type: 'invalid_request_error' } },
  ]);
});

it('says in the same shape that no router can be reached, and that the call may be tried again', async () => {
  handle = (incoming) => incoming.socket.destroy();
  const [status, id, body] = await refusal('/v1/chat/completions');
  expect([status, id, body]).toMatchObject([503, 'string', { error: { code: 'no_healthy_pod', type: 'server_error' } }]);
});
