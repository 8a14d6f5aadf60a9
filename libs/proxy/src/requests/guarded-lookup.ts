import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type PodAddressPolicy, refusePodAddress } from '@ecolink/contracts';

/**
 * Name resolution that gives only addresses a pod may have. The registry checked the name when it was stored; it may point
 * somewhere else by now.
 */
export function guardedLookup(policy: PodAddressPolicy, port: number): LookupFunction {
  return (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      const allowed = addresses.filter(({ address }) => refusePodAddress(address, port, policy) === undefined);
      const [first] = allowed;
      if (first === undefined) return callback(refusedError(hostname), '');
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function refusedError(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} resolves to no address that a pod may have`), { code: 'EPODADDRESS' });
}
