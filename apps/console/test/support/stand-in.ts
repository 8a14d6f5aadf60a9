import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  alertChannels,
  apiKeys,
  auditLog,
  billing,
  events,
  gpuTypes,
  instances,
  invites,
  list,
  me,
  members,
  models,
  notifications,
  platformModels,
  regions,
} from './fixtures.js';
import { MONEY_ANSWERS } from './money-answers.js';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-test'; font-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
  "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** The console's build in front of an API that answers what a test says; what it asked for is kept. */
export class StandIn {
  readonly asked: string[] = [];
  /** By `METHOD /path`; they come before the usual answers. */
  readonly answers = new Map<string, Handler>();
  signedIn = true;
  /** Scripts that are not there any more, as for a page from before an upgrade; `untilLoad`: the next page knows the new ones. */
  missing: { readonly scripts: RegExp; readonly untilLoad: boolean } | undefined;
  private readonly server: Server = createServer((request, response) => void this.handle(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Cuts what is connected, as a network that goes down; what comes next is answered again. */
  cut(): void {
    this.server.closeAllConnections();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const key = `${request.method ?? 'GET'} ${path}`;
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (this.missing?.scripts.test(path) === true) return refuse(response, 404, 'not_found', 'there is nothing here');
    if (/^\/(console|operator)(\/|$)/.test(path)) {
      if (this.missing?.untilLoad === true && !path.includes('.')) this.missing = undefined;
      return sendSite(path, response);
    }
    this.asked.push(key);
    const answer = this.answers.get(key);
    if (answer !== undefined) return answer(request, response, body);
    if (!this.signedIn && key !== 'POST /api/v1/session') return refuse(response, 401, 'session_required', 'sign in first');
    if (key === 'POST /api/v1/session') this.signedIn = true;
    this.usual(key, response);
  }

  private usual(key: string, response: ServerResponse): void {
    const found = USUAL.get(key);
    if (found !== undefined) return json(response, found());
    const one = /^GET \/api\/v1\/instances\/(\d+)$/.exec(key);
    const instance = instances.find(({ id }) => String(id) === one?.[1]);
    if (instance !== undefined) return json(response, instance);
    if (/^GET \/api\/v1\/instances\/\d+\/events$/.test(key)) return json(response, list(events));
    if (key === 'GET /api/v1/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('event: hello\ndata: {}\n\n');
      return;
    }
    refuse(response, 404, 'not_found', 'there is nothing here');
  }
}

const USUAL = new Map<string, () => unknown>([
  ...MONEY_ANSWERS,
  ['GET /api/v1/me', () => me],
  ['POST /api/v1/session', () => me],
  ['GET /api/v1/account', () => ({ name: 'Northwind AI', time_zone: 'UTC', require_mfa: false })],
  ['GET /api/v1/instances', () => list(instances)],
  ['GET /api/v1/api-keys', () => list(apiKeys)],
  ['GET /api/v1/alert-channels', () => list(alertChannels)],
  ['GET /api/v1/audit-log', () => list(auditLog)],
  ['GET /api/v1/signup', () => ({ mode: 'open', bonus_nano_usd: '1000000000', oidc: true })],
  ['GET /api/v1/members', () => list(members)],
  ['GET /api/v1/invites', () => list(invites)],
  ['GET /api/v1/models', () => list(models)],
  ['GET /api/v1/gpu-types', () => list(gpuTypes.map((gpu) => ({ ...gpu, id: gpu.name })))],
  ['GET /api/v1/regions', () => list(regions.map((region) => ({ ...region, id: region.region })))],
  ['GET /api/v1/billing', () => billing],
  ['GET /api/v1/notifications', () => ({ ...list(notifications), unread_count: 1 })],
  ['GET /platform/models', () => platformModels],
  ['POST /api/v1/playground/token', () => ({ key: 'eco_playground', expires_at: '2026-11-30T10:00:00.000Z' })],
  [
    'POST /api/v1/instances/quote',
    () => ({
      hourly_rate_nano_usd: '400000000',
      replicas: 2,
      regions: ['mv', 'fra'],
      hold_nano_usd: '19200000000',
      affordable: true,
      available: true,
      problem: null,
      fits: { verdict: 'yes', arithmetic: '16.1 of 24 GB, 32K context' },
    }),
  ],
]);

export function json(response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  json(response, { error: { message, type: 'error', code, param: null } }, status, headers);
}

/** Streams an answer as a model server does. */
export function streamAnswer(response: ServerResponse, pieces: readonly string[], ends = true): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'x-ecolink-region': 'mv',
    'x-ecolink-request-id': 'req_0000000000000001',
  });
  for (const content of pieces) response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
  if (!ends) return;
  response.write(
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 } })}\n\n`,
  );
  response.end('data: [DONE]\n\n');
}

function sendSite(path: string, response: ServerResponse): void {
  const mount = path.split('/')[1] ?? '';
  const file = `${DIST}${path.slice(mount.length + 2)}`;
  const type = TYPES[path.split('.').at(-1) ?? ''];
  if (type !== undefined && existsSync(file)) {
    response.writeHead(200, { 'content-type': type });
    response.end(readFileSync(file));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': POLICY });
  response.end(readFileSync(`${DIST}${mount === 'operator' ? mount : 'index'}.html`, 'utf8').replaceAll('__CSP_NONCE__', 'test'));
}
