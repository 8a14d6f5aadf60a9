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

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<bigint>(missing).fill(0n), ...tail];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** 16-bit groups; the last may be a dotted IPv4 address, which makes two. */
function parseGroups(text: string, mayEndInIpv4: boolean): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const ipv4 = mayEndInIpv4 && index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) groups.push(ipv4 >> 16n, ipv4 & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
