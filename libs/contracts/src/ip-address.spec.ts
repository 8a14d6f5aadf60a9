import { isInNetwork, parseIpAddress, parseIpNetwork } from './ip-address.js';

describe('parseIpAddress', () => {
  it.each([
    ['127.0.0.1', 4, 0x7f000001n],
    ['255.255.255.255', 4, 0xffffffffn],
    ['::1', 6, 1n],
    ['::', 6, 0n],
    ['fd00:ec2::254', 6, 0xfd000ec2000000000000000000000254n],
    ['fe80::1%eth0', 6, 0xfe800000000000000000000000000001n],
    ['1:2:3:4:5:6:7:8', 6, 0x00010002000300040005000600070008n],
  ] as const)('reads %s', (text, family, value) => {
    expect(parseIpAddress(text)).toEqual({ family, value });
  });

  it.each(['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '0:0:0:0:0:ffff:a9fe:a9fe', '64:ff9b::169.254.169.254'])(
    'reads %s as the IPv4 address it leads to',
    (text) => {
      expect(parseIpAddress(text)).toEqual({ family: 4, value: 0xa9fea9fen });
    },
  );

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'example.com',
    '12345::',
    ':1',
  ])('refuses %j', (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });
});

describe('isInNetwork', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.0.0.0', '10.0.0.0/8', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['fd12::1', 'fc00::/7', true],
    ['fe00::1', 'fc00::/7', false],
    ['10.1.2.3', '::/0', false],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
  ])('%s in %s is %s', (address, network, expected) => {
    const parsedAddress = parseIpAddress(address);
    const parsedNetwork = parseIpNetwork(network);
    if (parsedAddress === undefined || parsedNetwork === undefined) throw new Error('must parse');
    expect(isInNetwork(parsedAddress, parsedNetwork)).toBe(expected);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', '::/129', 'private', '::ffff:10.0.0.0/104'])(
    'refuses %j as a network',
    (text) => {
      expect(parseIpNetwork(text)).toBeUndefined();
    },
  );
});
