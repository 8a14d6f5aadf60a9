import { headerValue } from '@ecolink/contracts';
import { discardUpload } from '@ecolink/proxy';
import type { Exchange, HeaderValues } from './exchange.js';

/** What scripts of a page may read of an answer beside its body. */
const READABLE = [
  'x-request-id',
  'x-ecolink-request-id',
  'x-ecolink-region',
  'x-ecolink-instance',
  'server-timing',
  'retry-after',
  'x-should-retry',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
].join(', ');
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
/** A browser asks again after this time; none remembers for longer than two hours. */
const PREFLIGHT_SECONDS = '7200';
const PATHS = ['/v1/', '/v2/', '/platform/models', '/inference-instances/'];

/** Pages of any origin. A key is sent by the page itself and never by the browser, so that no page can use another's. */
const ANY_ORIGIN = '*';

/**
 * Lets pages of the allowed origins read an answer to an inference call.
 * @returns true when the call was a browser's question beforehand, which is answered.
 */
export function serveBrowser(exchange: Exchange, path: string, origins: readonly string[]): boolean {
  const { request } = exchange;
  const origin = headerValue(request.rawHeaders, 'origin');
  if (origin === undefined || !PATHS.some((prefix) => path.startsWith(prefix))) return false;
  const isAny = origins.includes(ANY_ORIGIN);
  if (!isAny) exchange.headers.push('vary', 'origin');
  if (!isAny && !origins.includes(origin)) return false;
  exchange.headers.push('access-control-allow-origin', isAny ? ANY_ORIGIN : origin);
  const isQuestion = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
  if (!isQuestion) {
    exchange.headers.push('access-control-expose-headers', READABLE);
    return false;
  }
  answerEmpty(exchange, {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? 'authorization, content-type',
    'access-control-max-age': PREFLIGHT_SECONDS,
  });
  return true;
}

/** Answers 204: what may be done with a path, for a client that asks. */
export function answerEmpty(exchange: Exchange, headers: HeaderValues): void {
  const { response } = exchange;
  if (response.headersSent || response.destroyed) return;
  response.writeHead(204, [...exchange.headers, ...Object.entries(headers).flat()]);
  response.end();
  discardUpload(exchange.request);
}
