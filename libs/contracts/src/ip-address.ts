import ipaddr from 'ipaddr.js';

/**
 * IP addresses as numbers, without Node, so that the rules on them can run anywhere.
 * An IPv6 address that carries an IPv4 one (`::ffff:a.b.c.d`, and NAT64's `64:ff9b::/96`) is read as that IPv4 address:
 * a connection to it ends there.
 */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface IpNetwork {
  readonly family: 4 | 6;
  readonly value: bigint;
  readonly prefixBits: number;
}

const BITS = { 4: 32, 6: 128 } as const;
const IPV4_MAPPED_PREFIX = 0xffffn;
const NAT64_PREFIX = 0x64ff9bn << 64n;
const LOW_32_BITS = 32n;

/** Reads what resolvers and URL parsers write; a zone (`%eth0`) is dropped. `undefined` where it is no address. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bare = text.split('%', 1)[0] ?? '';
  if (!bare.includes(':')) {
    const value = parseIpv4(bare);
    return value === undefined ? undefined : { family: 4, value };
  }
  const value = parseIpv6(bare);
  if (value === undefined) return undefined;
  const high = value >> LOW_32_BITS;
  if (high === IPV4_MAPPED_PREFIX || high === NAT64_PREFIX) return { family: 4, value: value & 0xffffffffn };
  return { family: 6, value };
}

/** Reads CIDR notation; a bare address is a network of one. `undefined` where it is neither. */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const [addressText = '', prefixText, ...rest] = text.trim().split('/');
  const address = parseIpAddress(addressText);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = BITS[address.family];
  if (prefixText === undefined) return { ...address, prefixBits: bits };
  // A prefix counts in the family it was written in; an IPv4 address inside IPv6 with a prefix would be read two ways.
  if (!/^[0-9]{1,3}$/.test(prefixText) || addressText.includes(':') !== (address.family === 6)) return undefined;
  const prefixBits = Number(prefixText);
  return prefixBits > bits ? undefined : { ...address, prefixBits };
}

export function isInNetwork(address: IpAddress, network: IpNetwork): boolean {
  if (address.family !== network.family) return false;
  const shift = BigInt(BITS[network.family] - network.prefixBits);
  return address.value >> shift === network.value >> shift;
}

export function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
}

/** CIDR notation without the bits beyond the prefix, in the shortest spelling of the address. */
export function formatIpNetwork({ family, value, prefixBits }: IpNetwork): string {
  const shift = BigInt(BITS[family] - prefixBits);
  const address = (value >> shift) << shift;
  return `${family === 4 ? formatIpv4(address) : formatIpv6(address)}/${prefixBits}`;
}

function formatIpv6(value: bigint): string {
  const bytes = Array.from({ length: 16 }, (_, index) => Number((value >> BigInt(8 * (15 - index))) & 0xffn));
  return ipaddr.fromByteArray(bytes).toString();
}

/** Four decimal parts without leading zeros: the short, octal and hexadecimal forms mean different things to different readers. */
function parseIpv4(text: string): bigint | undefined {
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? valueOf(ipaddr.IPv4.parse(text)) : undefined;
}

function parseIpv6(text: string): bigint | undefined {
  const dotted = /[^:]*\..*$/.exec(text)?.[0];
  if (dotted !== undefined && !ipaddr.IPv4.isValidFourPartDecimal(dotted)) return undefined;
  return ipaddr.IPv6.isValid(text) ? valueOf(ipaddr.IPv6.parse(text)) : undefined;
}

function valueOf(address: ipaddr.IPv4 | ipaddr.IPv6): bigint {
  return address.toByteArray().reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
