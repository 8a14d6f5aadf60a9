import type { IncomingMessage, ServerResponse } from 'node:http';
import { HEADER, newId } from '@ecolink/contracts';
import { Exchange } from './exchange.js';
import { type RouterContext, refuse } from '../call/router-context.js';
import type { InferenceApi } from '../apis/api.js';
import { INFERENCE_ENDPOINTS } from '../apis/endpoints.js';
import { forwardToOwner, ownerOf, type Owners } from './forward-to-owner.js';
import { handleInference } from '../call/handle-inference.js';
import { handleProxy } from '../call/handle-proxy.js';
import { answerEmpty, serveBrowser } from './browsers.js';
import { hasOperatorToken, isOwnMachine } from './metrics-access.js';
import { isBelow, redirectTo, wantsPage } from './pages.js';
import { pathHint } from './path-hint.js';
import { CONSOLE_PATH, METRICS_PATH, OPERATOR_PATH, PROXY, READ_ENDPOINTS, SERVICE_PATHS } from './public-paths.js';

const MANAGEMENT_PREFIX = '/api/v1/';
const ADMIN_PREFIX = '/admin/v1/';

/** The public listener's request listener; what it does not take is left to the service's own routes. */
export function publicListener(
  plane: RouterContext,
  owners: Owners,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const { path, query } = splitUrl(request.url ?? '/');
    if (SERVICE_PATHS.has(path)) {
      // The id of an answer is never of a client's making.
      request.headers[HEADER.requestId] = newId('req');
      return false;
    }
    void run(plane, new Exchange(request, response), (exchange) =>
      namesOneHost(request.rawHeaders) ? routePublic(plane, owners, exchange, path, query) : refuseHosts(plane, exchange),
    );
    return true;
  };
}

/** The operators' listener: admin calls and metrics. */
export function operatorListener(
  plane: RouterContext,
  owners: Owners,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const { path } = splitUrl(request.url ?? '/');
    void run(plane, new Exchange(request, response), (exchange) => {
      if (path.startsWith(ADMIN_PREFIX)) return forwardToOwner(exchange, plane, ownerOf(path, owners));
      if (isBelow(OPERATOR_PATH, path)) return forwardToOwner(exchange, plane, owners.authBillingUrl);
      if (path === '/' && wantsPage(request)) return redirectTo(exchange, OPERATOR_PATH);
      if (path === METRICS_PATH) return sendMetrics(plane, owners, exchange);
      return notFound(plane, exchange);
    });
  };
}

type Handled = Promise<void> | void;

function routePublic(plane: RouterContext, owners: Owners, exchange: Exchange, path: string, query: string): Handled {
  if (serveBrowser(exchange, path, plane.limits.browserOrigins)) return;
  const endpoint = INFERENCE_ENDPOINTS.get(path);
  if (endpoint !== undefined) return routeInference(plane, exchange, endpoint, query);
  const proxy = PROXY.pattern.exec(path);
  if (proxy !== null) return handleProxy(plane, exchange, { instanceIdText: proxy[1] ?? '', path: proxy[2] ?? '', query });
  if (path.startsWith(MANAGEMENT_PREFIX)) return forwardToOwner(exchange, plane, ownerOf(path, owners));
  if (isBelow(CONSOLE_PATH, path)) return forwardToOwner(exchange, plane, owners.authBillingUrl);
  if (path === '/' && wantsPage(exchange.request)) return redirectTo(exchange, CONSOLE_PATH);
  return routeRead(plane, exchange, path);
}

function routeInference(plane: RouterContext, exchange: Exchange, api: InferenceApi, query: string): Handled {
  const method = exchange.request.method ?? '';
  exchange.errors = api.errors;
  return method === 'POST' ? handleInference(plane, exchange, api, query) : otherMethod(exchange, method, 'POST');
}

function routeRead(plane: RouterContext, exchange: Exchange, path: string): Handled {
  const method = exchange.request.method ?? 'GET';
  for (const { pattern, answer } of READ_ENDPOINTS) {
    const match = pattern.exec(path);
    if (match === null) continue;
    // Node leaves out the body of an answer to HEAD.
    if (method === 'GET' || method === 'HEAD') return answer(plane, exchange, match[1] ?? '');
    return otherMethod(exchange, method, 'GET, HEAD');
  }
  return notFound(plane, exchange, pathHint(path, isServed));
}

function isServed(path: string): boolean {
  return INFERENCE_ENDPOINTS.has(path) || READ_ENDPOINTS.some(({ pattern }) => pattern.test(path));
}

/** Runs a handler; what it throws is a defect, told as a 500 where an answer has not begun. */
async function run(plane: RouterContext, exchange: Exchange, handler: (exchange: Exchange) => Handled): Promise<void> {
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

function refuseHosts(plane: RouterContext, exchange: Exchange): void {
  refuse(plane, exchange, { code: 'invalid_request', message: 'a request names one host' }, { connection: 'close' });
}

function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark) };
}

function notFound(plane: RouterContext, exchange: Exchange, hint?: string): void {
  const missing = `there is no ${exchange.request.method ?? ''} ${(exchange.request.url ?? '').slice(0, 200)}`;
  refuse(plane, exchange, { code: 'not_found', message: hint === undefined ? missing : `${missing}; ${hint}` });
}

function otherMethod(exchange: Exchange, method: string, allowed: string): void {
  if (method === 'OPTIONS') answerEmpty(exchange, { allow: `${allowed}, OPTIONS` });
  else wrongMethod(exchange, allowed);
}

function wrongMethod(exchange: Exchange, allowed: string): void {
  exchange.sendJson(
    405,
    JSON.stringify({ error: { message: `use ${allowed}`, type: 'invalid_request_error', code: 'invalid_request', param: null } }),
    { allow: allowed },
  );
}

/** To this machine, and to operators. */
async function sendMetrics(plane: RouterContext, owners: Owners, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  if (!isOwnMachine(request) && !(await hasOperatorToken(request, plane.upstreams, owners.authBillingUrl))) {
    const message = 'an operator token is needed: Authorization: Bearer <token>';
    return refuse(plane, exchange, { code: 'invalid_credentials', message });
  }
  const text = await plane.metricsText();
  exchange.response.writeHead(200, [...exchange.headers, 'content-type', plane.metrics.contentType]);
  exchange.response.end(text);
}
