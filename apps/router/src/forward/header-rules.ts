import { HOP_BY_HOP_HEADERS, INTERNAL_HEADER_PREFIX } from '@ecolink/contracts';

/** A header as it stands on the wire: name in its own case, value. */
export type RawHeader = readonly [name: string, value: string];

/** Node gives raw headers as a flat list of names and values. */
export function pairsOf(rawHeaders: readonly string[]): RawHeader[] {
  const pairs: RawHeader[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  return pairs;
}

/** Never towards a gateway: the key, cookies, what names another host, and what is ours. */
const CLIENT_HEADERS_DROPPED: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'expect']);

/** On `/v1` the router writes the body and reads the answer, so it speaks for these itself; a browser's are nobody's business. */
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
const INFERENCE_PREFIXES_DROPPED: readonly string[] = ['sec-', 'x-forwarded-', 'access-control-'];

/** A pod must not set cookies for our host, speak for our limits, or open our origin to other sites. */
const POD_HEADERS_DROPPED: ReadonlySet<string> = new Set(['set-cookie', 'set-cookie2', 'clear-site-data']);
const POD_PREFIXES_DROPPED: readonly string[] = [INTERNAL_HEADER_PREFIX, 'x-ratelimit-', 'access-control-'];

/** Names that the sender's `Connection` header binds to its connection. */
function connectionNames(headers: readonly RawHeader[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const token of value.split(',')) names.add(token.trim().toLowerCase());
  }
  return names;
}

function keep(headers: readonly RawHeader[], dropped: (name: string) => boolean): RawHeader[] {
  const bound = connectionNames(headers);
  return headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !HOP_BY_HOP_HEADERS.has(lower) && !bound.has(lower) && !dropped(lower);
  });
}

/** A custom call's headers for the pod: verbatim but for the connection's own, the key, cookies and ours. */
export function proxyRequestHeaders(headers: readonly RawHeader[]): RawHeader[] {
  return keep(headers, (name) => CLIENT_HEADERS_DROPPED.has(name) || name.startsWith(INTERNAL_HEADER_PREFIX));
}

/** An inference call's headers for the pod; length and encodings are the router's to say. */
export function inferenceRequestHeaders(headers: readonly RawHeader[]): RawHeader[] {
  return keep(
    headers,
    (name) =>
      CLIENT_HEADERS_DROPPED.has(name) ||
      name.startsWith(INTERNAL_HEADER_PREFIX) ||
      INFERENCE_HEADERS_DROPPED.has(name) ||
      INFERENCE_PREFIXES_DROPPED.some((prefix) => name.startsWith(prefix)),
  );
}

/** A pod's headers for the client. */
export function podResponseHeaders(headers: readonly RawHeader[]): RawHeader[] {
  return keep(headers, (name) => POD_HEADERS_DROPPED.has(name) || POD_PREFIXES_DROPPED.some((prefix) => name.startsWith(prefix)));
}

/** An owner's answer to a management call keeps its cookies and our own headers. */
export function ownerResponseHeaders(headers: readonly RawHeader[]): RawHeader[] {
  return keep(headers, () => false);
}

/** A management call's headers for its owner: cookies and keys go along, what is ours does not. */
export function ownerRequestHeaders(headers: readonly RawHeader[]): RawHeader[] {
  return keep(headers, (name) => name.startsWith(INTERNAL_HEADER_PREFIX) || name === 'expect' || name === 'x-forwarded-host');
}
