import { randomUUID } from 'node:crypto';
import { HEADER, HeaderRule, headerValue, INTERNAL_HEADER_PREFIX, type RawHeaders } from '@ecolink/contracts';

/** Never towards a gateway: the key, cookies, what names another host, and what is ours. */
const CLIENT_HEADERS_DROPPED: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'expect', 'x-request-id']);

/**
 * On `/v1` the router writes the body and reads the answer, so it speaks for these itself; what a browser or an SDK tells
 * of itself and its machine is nobody's business.
 */
const INFERENCE_HEADERS_DROPPED: ReadonlySet<string> = new Set([
  'content-length',
  'content-encoding',
  'accept-encoding',
  'origin',
  'referer',
  'forwarded',
  'x-real-ip',
  'x-api-key',
  'if-none-match',
  'if-modified-since',
  'range',
]);
const INFERENCE_PREFIXES_DROPPED: readonly string[] = ['sec-', 'x-forwarded-', 'x-stainless-', 'access-control-'];

/**
 * A pod must not set cookies for our host, speak for our limits and ids, open our origin to other sites, tell browsers how
 * to reach it, or steer a proxy in front of us (`x-accel-`).
 */
const POD_HEADERS_DROPPED: ReadonlySet<string> = new Set([
  'set-cookie',
  'set-cookie2',
  'clear-site-data',
  'strict-transport-security',
  'alt-svc',
  'nel',
  'report-to',
  'reporting-endpoints',
  'service-worker-allowed',
  'x-request-id',
]);
const POD_PREFIXES_DROPPED: readonly string[] = [INTERNAL_HEADER_PREFIX, 'x-ratelimit-', 'access-control-', 'x-accel-'];

/** The owner is told the host by a name of its own. */
const OWNER_HEADERS_DROPPED: ReadonlySet<string> = new Set(['host', 'expect', 'x-forwarded-host']);

const toPod = new HeaderRule((name) => CLIENT_HEADERS_DROPPED.has(name) || name.startsWith(INTERNAL_HEADER_PREFIX));

const toModel = new HeaderRule(
  (name) =>
    CLIENT_HEADERS_DROPPED.has(name) ||
    name.startsWith(INTERNAL_HEADER_PREFIX) ||
    INFERENCE_HEADERS_DROPPED.has(name) ||
    INFERENCE_PREFIXES_DROPPED.some((prefix) => name.startsWith(prefix)),
);

const isRefusedFromPod = (name: string): boolean =>
  POD_HEADERS_DROPPED.has(name) || POD_PREFIXES_DROPPED.some((prefix) => name.startsWith(prefix));
const fromPod = new HeaderRule(isRefusedFromPod);
/** The router frames the answer itself. */
const fromModel = new HeaderRule((name) => isRefusedFromPod(name) || name === 'content-length');

const toOwner = new HeaderRule((name) => name.startsWith(INTERNAL_HEADER_PREFIX) || OWNER_HEADERS_DROPPED.has(name));
const fromOwner = new HeaderRule(() => false);

/** A custom call's headers for the pod: verbatim but for the connection's own, the key, cookies and ours. */
export function proxyRequestHeaders(headers: RawHeaders): string[] {
  return toPod.forwardable(headers);
}

/** An inference call's headers for the pod; length and encodings are the router's to say. */
export function inferenceRequestHeaders(headers: RawHeaders): string[] {
  return toModel.forwardable(headers);
}

/** A pod's headers for the client of a custom call. */
export function podResponseHeaders(headers: RawHeaders): string[] {
  return fromPod.forwardable(headers);
}

/** A pod's headers for the client of an inference call, whose answer the router frames. */
export function modelResponseHeaders(headers: RawHeaders): string[] {
  return fromModel.forwardable(headers);
}

/** Adds the one id of a call, which its client and its pod see alike, and a trace to which its spans belong where the client gave none. */
export function addIds(headers: string[], requestId: string): void {
  headers.push(HEADER.requestId, requestId, HEADER.clientRequestId, requestId);
  if (headerValue(headers, HEADER.traceParent) !== undefined) return;
  const uuid = randomUUID().replaceAll('-', '');
  headers.push(HEADER.traceParent, `00-${uuid}-${uuid.slice(8, 24)}-00`);
}

/** An owner's answer to a management call keeps its cookies and our own headers. */
export function ownerResponseHeaders(headers: RawHeaders): string[] {
  return fromOwner.forwardable(headers);
}

/** A management call's headers for its owner: cookies and keys go along, what is ours does not. */
export function ownerRequestHeaders(headers: RawHeaders): string[] {
  return toOwner.forwardable(headers);
}
