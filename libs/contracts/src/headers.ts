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
export const HOP_BY_HOP_HEADERS: ReadonlySet<string> = new Set([
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
