import type { IncomingMessage, ServerResponse } from 'node:http';
import { Exchange } from '../http/exchange.js';
import { type DataPlane, refuse } from './data-plane.js';
import { INFERENCE_ENDPOINTS } from './endpoints.js';
import { forwardToOwner, ownerOf, type Owners } from './forward-to-owner.js';
import { handleInference } from './handle-inference.js';
import { handleProxy } from './handle-proxy.js';
import { METRICS_PATH, PROXY, READ_ENDPOINTS, SERVICE_PATHS } from './public-paths.js';

const MANAGEMENT_PREFIX = '/api/v1/';
const ADMIN_PREFIX = '/admin/v1/';

/** The public listener's request listener; what it does not take is left to the service's own routes. */
export function publicListener(
  plane: DataPlane,
  owners: Owners,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const { path, query } = splitUrl(request.url ?? '/');
    if (SERVICE_PATHS.has(path)) return false;
    void run(plane, new Exchange(request, response), (exchange) =>
      namesOneHost(request.rawHeaders) ? routePublic(plane, owners, exchange, path, query) : refuseHosts(plane, exchange),
    );
    return true;
  };
}

/** The operators' listener: admin calls and metrics. */
export function operatorListener(plane: DataPlane, owners: Owners): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const { path } = splitUrl(request.url ?? '/');
    void run(plane, new Exchange(request, response), (exchange) => {
      if (path.startsWith(ADMIN_PREFIX)) return forwardToOwner(exchange, plane.upstreams, ownerOf(path, owners));
      if (path === METRICS_PATH) return sendMetrics(plane, exchange);
      return notFound(plane, exchange);
    });
  };
}

type Handled = Promise<void> | void;

function routePublic(plane: DataPlane, owners: Owners, exchange: Exchange, path: string, query: string): Handled {
  const method = exchange.request.method ?? 'GET';
  const endpoint = INFERENCE_ENDPOINTS.get(path);
  if (endpoint !== undefined) {
    if (method !== 'POST') return wrongMethod(exchange, 'POST');
    return handleInference(plane, exchange, endpoint, query);
  }
  const proxy = PROXY.pattern.exec(path);
  if (proxy !== null) return handleProxy(plane, exchange, { instanceIdText: proxy[1] ?? '', path: proxy[2] ?? '', query });
  if (path.startsWith(MANAGEMENT_PREFIX)) return forwardToOwner(exchange, plane.upstreams, ownerOf(path, owners));
  for (const { pattern, answer } of READ_ENDPOINTS) {
    const match = pattern.exec(path);
    if (match === null) continue;
    return method === 'GET' ? answer(plane, exchange, match[1] ?? '') : wrongMethod(exchange, 'GET');
  }
  return notFound(plane, exchange);
}

/** Runs a handler; what it throws is a defect, told as a 500 where an answer has not begun. */
async function run(plane: DataPlane, exchange: Exchange, handler: (exchange: Exchange) => Handled): Promise<void> {
  try {
    // A request whose body turns out malformed at once is told so before anything else.
    await Promise.resolve();
    await handler(exchange);
  } catch (error) {
    plane.logger.error({ event: 'request.failed', request_id: exchange.requestId, err: error });
    if (exchange.response.headersSent) exchange.response.destroy();
    else
      refuse(plane, exchange, {
        code: 'internal_error',
        message: 'something went wrong on our side; the request id tells which log line',
      });
  }
}

/** Node takes the first of several; another server on the way might take the last. */
function namesOneHost(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 'host'.length && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts <= 1;
}

function refuseHosts(plane: DataPlane, exchange: Exchange): void {
  refuse(plane, exchange, { code: 'invalid_request', message: 'a request names one host' }, { connection: 'close' });
}

function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark) };
}

function notFound(plane: DataPlane, exchange: Exchange): void {
  refuse(plane, exchange, {
    code: 'not_found',
    message: `there is no ${exchange.request.method ?? ''} ${(exchange.request.url ?? '').slice(0, 200)}`,
  });
}

function wrongMethod(exchange: Exchange, allowed: string): void {
  exchange.sendJson(
    405,
    JSON.stringify({ error: { message: `use ${allowed}`, type: 'invalid_request_error', code: 'invalid_request', param: null } }),
    { allow: allowed },
  );
}

async function sendMetrics(plane: DataPlane, exchange: Exchange): Promise<void> {
  const text = await plane.metricsText();
  exchange.response.writeHead(200, [...exchange.headers, 'content-type', plane.metrics.contentType]);
  exchange.response.end(text);
}
