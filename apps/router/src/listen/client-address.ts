import type { IncomingMessage } from 'node:http';
import { HEADER, headerValue, headerValues, type IpNetwork, isInNetwork, parseIpAddress } from '@ecolink/contracts';

/** Proxies on the way that are looked through; a chain longer than this is somebody's invention. */
const HOPS_MAX = 32;

/**
 * The address that a call comes from: the peer of its socket, or, where that is one of the operator's proxies, what our own
 * edge says, else the last address before them in `Forwarded` (RFC 7239) or `X-Forwarded-For`. Proxies append, so the list is read from its end; what
 * a client wrote itself stands before the first trusted hop and is never reached. A proxy writes one of the two headers and
 * passes the other on as it came, so where both are there and disagree, neither is believed.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: readonly IpNetwork[]): string {
  const peer = request.socket.remoteAddress ?? '';
  if (trustedProxies.length === 0 || !isTrusted(peer, trustedProxies)) return peer;
  const told = headerValue(request.rawHeaders, HEADER.clientAddress);
  if (told !== undefined) return parseIpAddress(told) === undefined ? peer : told;
  const forwarded = headerValues(request.rawHeaders, 'forwarded');
  const forwardedFor = headerValues(request.rawHeaders, 'x-forwarded-for');
  const readings = [
    ...(forwarded.length === 0 ? [] : [lastUntrusted(peer, elementsOf(forwarded).map(forOf), trustedProxies)]),
    ...(forwardedFor.length === 0 ? [] : [lastUntrusted(peer, elementsOf(forwardedFor), trustedProxies)]),
  ];
  const [first = peer, second = first] = readings;
  return first === second ? first : peer;
}

/** Walks back over trusted hops; a hop that cannot be read hides what is before it. */
function lastUntrusted(peer: string, hops: readonly string[], trustedProxies: readonly IpNetwork[]): string {
  let nearest = peer;
  for (const hop of hops.slice(-HOPS_MAX).reverse()) {
    const address = addressOf(hop);
    if (address === undefined) return nearest;
    nearest = address;
    if (!isTrusted(address, trustedProxies)) return address;
  }
  return nearest;
}

function isTrusted(text: string, networks: readonly IpNetwork[]): boolean {
  const address = parseIpAddress(text);
  return address !== undefined && networks.some((network) => isInNetwork(address, network));
}

function elementsOf(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',')).map((element) => element.trim());
}

/** The `for` of one element of `Forwarded`, without its quotes. */
function forOf(element: string): string {
  const parameter = element.split(';').find((part) => /^\s*for\s*=/i.test(part)) ?? '';
  return parameter
    .slice(parameter.indexOf('=') + 1)
    .trim()
    .replace(/^"(.*)"$/, '$1');
}

/** An address with or without a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`, `2001:db8::1`. */
function addressOf(hop: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(hop)?.[1] ?? /^([^:]+):\d{1,5}$/.exec(hop)?.[1] ?? hop;
  return parseIpAddress(bare) === undefined ? undefined : bare;
}
