import { networkInterfaces } from 'node:os';

/** Addresses of this host, loopback included. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((entries) => entries?.map((entry) => entry.address) ?? []);
}
