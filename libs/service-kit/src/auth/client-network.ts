import { HEADER } from '@ecolink/contracts';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

/** One customer of an IPv6 network has this much of it. */
const IPV6_GROUPS = 4;

/** The client's address: as the router in front says it, else that of the connection. The listener is not public. */
export function clientAddressOf(request: FastifyRequest): string {
  const told = request.headers[HEADER.clientAddress];
  return typeof told === 'string' && told !== '' ? told : (request.socket.remoteAddress ?? 'unknown');
}

/** What attempts are counted by: an IPv4 address, or the /64 of an IPv6 address. */
export function clientNetworkOf(request: FastifyRequest): string {
  return networkOf(clientAddressOf(request));
}

export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  return `${parsed.parts
    .slice(0, IPV6_GROUPS)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
