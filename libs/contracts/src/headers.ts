/** Header names of the product, lower case as Node delivers them. */
export const HEADER = {
  region: 'x-ecolink-region',
  requestId: 'x-ecolink-request-id',
  instance: 'x-ecolink-instance',
  /** Shared secret of internal HTTP and between router and gateway. */
  internalSecret: 'x-ecolink-internal-secret',
  /** On answers that the gateway itself makes: why no pod answered. */
  gatewayError: 'x-ecolink-gateway-error',
  /** `yes` when a pod may have got the request, `no` when it surely did not. */
  sent: 'x-ecolink-sent',
  shouldRetry: 'x-should-retry',
} as const;

/** Everything with this prefix is ours: never taken from a client, a pod, or passed to one. */
export const INTERNAL_HEADER_PREFIX = 'x-ecolink-';

/** RFC 9110 section 7.6.1: meant for one connection, never forwarded. Names listed in `Connection` join them. */
const HOP_BY_HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers as they stand on the wire, flat: name, value, name, value …, in the sender's order and spelling. */
export type RawHeaders = readonly string[];

const NONE: ReadonlySet<string> = new Set();

/**
 * The headers that may go on to the next server: all but those of the connection, those that `Connection` names, and
 * those that `isDropped` (asked with the name in lower case) refuses. Order, spelling and duplicates stay.
 */
export function forwardableHeaders(raw: RawHeaders, isDropped: (lowerCaseName: string) => boolean): string[] {
  const bound = namedInConnection(raw);
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const lowerCaseName = name.toLowerCase();
    if (HOP_BY_HOP_HEADERS.has(lowerCaseName) || bound.has(lowerCaseName) || isDropped(lowerCaseName)) continue;
    kept.push(name, raw[index + 1] ?? '');
  }
  return kept;
}

/** The value of the first header of this name (given in lower case). */
export function headerValue(raw: RawHeaders, lowerCaseName: string): string | undefined {
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (isNamed(raw[index], lowerCaseName)) return raw[index + 1];
  }
  return undefined;
}

/** RFC 9110, section 7.6.1: whatever `Connection` names is meant for this connection only. */
function namedInConnection(raw: RawHeaders): ReadonlySet<string> {
  let names: Set<string> | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (!isNamed(raw[index], 'connection')) continue;
    for (const name of (raw[index + 1] ?? '').split(',')) (names ??= new Set()).add(name.trim().toLowerCase());
  }
  return names ?? NONE;
}

function isNamed(name: string | undefined, lowerCaseName: string): boolean {
  return name?.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName;
}
