import { parsePodNetworks, type PodAddressPolicy } from '@ecolink/contracts';
import { guardedLookup } from './guarded-lookup.js';

function resolve(policy: PodAddressPolicy, port: number): Promise<string> {
  return new Promise((done) => {
    guardedLookup(policy, port)('localhost', { family: 4 }, (error, address) =>
      done(error === null ? (address as string) : (error.code ?? '')),
    );
  });
}

const policy = (networks: string[]): PodAddressPolicy => ({
  networks: parsePodNetworks(networks),
  ownPorts: new Set([8081]),
  ownAddresses: [],
});

describe('guardedLookup', () => {
  it('gives addresses within the allowed networks only', async () => {
    expect(await resolve(policy(['127.0.0.0/8']), 9000)).toBe('127.0.0.1');
    expect(await resolve(policy(['10.0.0.0/8']), 9000)).toBe('EPODADDRESS');
  });

  it('never gives the product’s own ports', async () => {
    expect(await resolve(policy(['127.0.0.0/8']), 8081)).toBe('EPODADDRESS');
  });
});
