import { parsePodNetworks, type PodAddressPolicy, refusePodAddress } from './pod-address.js';
import { parsePodUrl } from './pod-url.js';

const everywhere: PodAddressPolicy = {
  networks: parsePodNetworks(['0.0.0.0/0', '::/0']),
  ownPorts: new Set([8080]),
  ownAddresses: ['192.168.1.7'],
};
const privateOnly: PodAddressPolicy = { ...everywhere, networks: parsePodNetworks(['127.0.0.0/8', '10.0.0.0/8', '::1/128']) };

describe('refusePodAddress', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    'fe80::1',
    'fd00:ec2::254',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    '100.100.100.200',
  ])('never allows %s, whatever networks are allowed', (address) => {
    expect(refusePodAddress(address, 80, everywhere)).toContain(address);
    expect(refusePodAddress(address, 80, everywhere)).toContain('ECOLINK_POD_NETWORKS');
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '192.168.1.7'])(
    "never allows the product's own port at %s",
    (address) => {
      expect(refusePodAddress(address, 8080, everywhere)).toContain("EcoLink's own");
      expect(refusePodAddress(address, 8081, everywhere)).toBeUndefined();
    },
  );

  it('names the IPv4 address that an IPv6 one leads to', () => {
    expect(refusePodAddress('::ffff:a9fe:a9fe', 80, everywhere)).toContain('::ffff:a9fe:a9fe (169.254.169.254)');
  });

  it("lets another host use a port number that is the product's here", () => {
    expect(refusePodAddress('192.168.1.8', 8080, everywhere)).toBeUndefined();
  });

  it('allows only the networks that are named', () => {
    expect(refusePodAddress('10.2.3.4', 8000, privateOnly)).toBeUndefined();
    expect(refusePodAddress('::1', 8000, privateOnly)).toBeUndefined();
    expect(refusePodAddress('8.8.8.8', 8000, privateOnly)).toBe(
      '8.8.8.8 is not within the networks that ECOLINK_POD_NETWORKS allows',
    );
  });

  it('allows nothing where no network is named', () => {
    expect(refusePodAddress('127.0.0.1', 8000, { ...everywhere, networks: parsePodNetworks([]) })).toBeDefined();
  });

  it('stops at a network that is mistyped instead of ignoring it', () => {
    expect(() => parsePodNetworks(['10.0.0.0/8', '10.0.0/8'])).toThrow('10.0.0/8');
  });
});

describe('parsePodUrl', () => {
  it.each([
    ['http://10.0.0.5:8000', 'http://10.0.0.5:8000', '10.0.0.5', 8000],
    ['http://10.0.0.5:8000/', 'http://10.0.0.5:8000', '10.0.0.5', 8000],
    ['http://10.0.0.5:8000/v1', 'http://10.0.0.5:8000', '10.0.0.5', 8000],
    ['http://10.0.0.5:8000/v1///', 'http://10.0.0.5:8000', '10.0.0.5', 8000],
    ['https://pods.example/team/a/v1/', 'https://pods.example/team/a', 'pods.example', 443],
    ['http://[::1]:9000/x', 'http://[::1]:9000/x', '::1', 9000],
    ['http://2130706433/', 'http://127.0.0.1', '127.0.0.1', 80],
    ['http://host/apiv1', 'http://host/apiv1', 'host', 80],
  ])('stores %s as %s', (text, url, hostname, port) => {
    expect(parsePodUrl(text)).toEqual({ kind: 'pod-url', url, hostname, port });
  });

  it.each([
    '',
    'host:8000',
    'ftp://host',
    'file:///etc/passwd',
    'http://u:p@host',
    'http://host/?a=1',
    'http://host/?',
    'http://host/#x',
    '//host',
  ])('refuses %j', (text) => {
    expect(parsePodUrl(text).kind).toBe('refused');
  });
});
