import type { IncomingMessage } from 'node:http';
import { parsePodNetworks } from '@ecolink/contracts';
import { clientAddress } from './client-address.js';

const PROXIES = parsePodNetworks(['10.0.0.0/8', 'fd00::/8']);

function addressOf(peer: string, headers: readonly string[][], proxies = PROXIES): string {
  return clientAddress({ socket: { remoteAddress: peer }, rawHeaders: headers.flat() } as unknown as IncomingMessage, proxies);
}

const forwardedFor = (...values: string[]): string[][] => values.map((value) => ['X-Forwarded-For', value]);
const forwarded = (...values: string[]): string[][] => values.map((value) => ['Forwarded', value]);

describe('the address of a client', () => {
  it('is the peer of the socket, whatever it claims, where the peer is no trusted proxy', () => {
    expect(addressOf('203.0.113.9', forwardedFor('10.0.0.1'))).toBe('203.0.113.9');
    expect(addressOf('10.0.0.1', forwardedFor('203.0.113.9'), [])).toBe('10.0.0.1');
  });

  it.each([
    ['one hop', forwardedFor('203.0.113.9'), '203.0.113.9'],
    ['an address the client wrote itself', forwardedFor('192.0.2.1, 203.0.113.9'), '203.0.113.9'],
    ['a trusted address the client wrote itself', forwardedFor('10.9.9.9, 203.0.113.9'), '203.0.113.9'],
    ['several proxies', forwardedFor('192.0.2.1, 203.0.113.9, 10.0.0.2, fd00::2'), '203.0.113.9'],
    ['several headers', forwardedFor('192.0.2.1', '203.0.113.9, 10.0.0.2'), '203.0.113.9'],
    ['a port', forwardedFor('203.0.113.9:4711'), '203.0.113.9'],
    ['IPv6 with a port', forwardedFor('[2001:db8::1]:4711'), '2001:db8::1'],
    ['an IPv4 peer in IPv6 clothes', forwardedFor('2001:db8::1'), '2001:db8::1'],
    ['only proxies', forwardedFor('10.0.0.3, 10.0.0.2'), '10.0.0.3'],
    ['nonsense nearest', forwardedFor('203.0.113.9, unknown'), '10.0.0.1'],
    ['nonsense behind a proxy', forwardedFor('203.0.113.9, nonsense, 10.0.0.2'), '10.0.0.2'],
    ['a short form of an address', forwardedFor('203.0.113.9, 10.1'), '10.0.0.1'],
    ['nothing', forwardedFor(''), '10.0.0.1'],
    ['RFC 7239', forwarded('for=192.0.2.1, for=203.0.113.9;proto=https;by=10.0.0.1'), '203.0.113.9'],
    ['RFC 7239 in quotes', forwarded('proto=http; For="[2001:db8::1]:4711"'), '2001:db8::1'],
    ['an obfuscated identifier', forwarded('for=203.0.113.9, for=_hidden'), '10.0.0.1'],
    ['an element without for', forwarded('for=203.0.113.9, proto=http'), '10.0.0.1'],
    ['our own edge', [['X-Ecolink-Client-Address', '203.0.113.9'], ...forwardedFor('192.0.2.1')], '203.0.113.9'],
    ['both headers that agree', [...forwarded('for=203.0.113.9'), ...forwardedFor('203.0.113.9')], '203.0.113.9'],
    ['both headers that disagree', [...forwarded('for=192.0.2.1'), ...forwardedFor('203.0.113.9')], '10.0.0.1'],
  ])('behind a trusted proxy with %s', (_what, headers, expected) => {
    expect(addressOf('10.0.0.1', headers)).toBe(expected);
    if (expected !== '10.0.0.1') expect(addressOf('::ffff:10.0.0.1', headers)).toBe(expected);
  });

  it('reads a bounded number of hops', () => {
    const hops = ['203.0.113.9', ...Array.from({ length: 40 }, () => '10.0.0.2')].join(', ');
    expect(addressOf('10.0.0.1', forwardedFor(hops))).toBe('10.0.0.2');
  });
});
