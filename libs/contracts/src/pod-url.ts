/** A pod's root as it is stored: no credentials, query, fragment, trailing slash or trailing `/v1`. */
export type PodUrl =
  | { readonly kind: 'pod-url'; readonly url: string; readonly hostname: string; readonly port: number }
  | { readonly kind: 'refused'; readonly reason: string };

const URL_LENGTH_MAX = 2_048;
const DEFAULT_PORT: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * Normalises the URL of a server that already runs. A path prefix is kept; a trailing `/v1` is dropped, since people paste
 * the base URL of their SDK. `hostname` has no brackets around IPv6.
 */
export function parsePodUrl(text: string): PodUrl {
  if (text.length > URL_LENGTH_MAX) return refused(`must be at most ${URL_LENGTH_MAX} characters`);
  const url = URL.parse(text.trim());
  if (url === null) return refused('must be an absolute URL, e.g. http://10.0.0.5:8000');
  const defaultPort = DEFAULT_PORT[url.protocol];
  if (defaultPort === undefined) return refused('must begin with http:// or https://');
  if (url.username !== '' || url.password !== '') return refused('must not carry credentials; use api_key');
  if (url.search !== '' || text.includes('?')) return refused('must not have a query');
  if (url.hash !== '' || text.includes('#')) return refused('must not have a fragment');
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '').replace(/\/+$/, '');
  return {
    kind: 'pod-url',
    url: `${url.protocol}//${url.host}${path}`,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
  };
}

function refused(reason: string): PodUrl {
  return { kind: 'refused', reason };
}
