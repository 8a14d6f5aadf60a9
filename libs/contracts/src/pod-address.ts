import { formatIpv4, type IpAddress, type IpNetwork, isInNetwork, parseIpAddress, parseIpNetwork } from './ip-address.js';

/**
 * Which addresses an external pod may have. The registry asks when a URL is stored; the gateway asks again for every
 * address it is about to connect to, since a name may resolve to something else by then.
 */
export interface PodAddressPolicy {
  /** From ECOLINK_POD_NETWORKS: where external pods may live. Empty: nowhere. */
  readonly networks: readonly IpNetwork[];
  /** Ports of this product on this host. */
  readonly ownPorts: ReadonlySet<number>;
  /** Addresses of this host besides loopback. */
  readonly ownAddresses: readonly string[];
}

export const POD_NETWORKS_VARIABLE = 'ECOLINK_POD_NETWORKS';

const NEVER: readonly { readonly network: IpNetwork; readonly what: string }[] = [
  ['0.0.0.0/8', 'unspecified'],
  ['::/128', 'unspecified'],
  ['169.254.0.0/16', 'link-local or metadata'],
  ['fe80::/10', 'link-local'],
  ['fd00:ec2::254', 'metadata'],
  ['fd20:ce::254', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['192.0.0.192', 'metadata'],
  ['224.0.0.0/4', 'multicast'],
  ['ff00::/8', 'multicast'],
  ['255.255.255.255', 'broadcast'],
].map(([text = '', what = '']) => ({ network: networkOf(text), what }));

const LOOPBACK = ['127.0.0.0/8', '::1/128'].map(networkOf);

/** Where an address means another server in another network, or one that only this host's network reaches. */
const PRIVATE = [...LOOPBACK, ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(networkOf)];

/** Reads a list of CIDRs; throws on one that is none, since a mistyped network must stop the start. */
export function parsePodNetworks(cidrs: readonly string[]): readonly IpNetwork[] {
  return cidrs
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(networkOf);
}

/** Why a pod may not be at this resolved address and port, or `undefined` where it may. */
export function refusePodAddress(addressText: string, port: number, policy: PodAddressPolicy): string | undefined {
  const address = parseIpAddress(addressText);
  if (address === undefined) return `"${addressText}" is not an IP address`;
  const shown = describe(addressText, address);
  const never = NEVER.find(({ network }) => isInNetwork(address, network));
  if (never !== undefined) return `${shown} is a ${never.what} address, which ${POD_NETWORKS_VARIABLE} can never allow`;
  if (!policy.networks.some((network) => isInNetwork(address, network))) {
    return `${shown} is not within the networks that ${POD_NETWORKS_VARIABLE} allows`;
  }
  if (policy.ownPorts.has(port) && isOwn(address, policy.ownAddresses)) return ownPlaceReason(addressText, port);
  return undefined;
}

/** The words for a port of the product and for a pod that is not the account's to name: they tell no difference. */
export function ownPlaceReason(addressText: string, port: number): string {
  const address = parseIpAddress(addressText);
  const shown = address === undefined ? addressText : describe(addressText, address);
  return `${shown} port ${port} is EcoLink's own, which ${POD_NETWORKS_VARIABLE} can never allow`;
}

/**
 * One text for every way to write the same resolved address and port. All addresses of this host are one place: a server
 * that listens on one of them mostly listens on all.
 */
export function podPlaceOf(addressText: string, port: number, ownAddresses: readonly string[]): string {
  const address = parseIpAddress(addressText);
  if (address === undefined) return `${addressText}:${port}`;
  if (isOwn(address, ownAddresses)) return `host:${port}`;
  return address.family === 4 ? `${formatIpv4(address.value)}:${port}` : `[${address.value.toString(16)}]:${port}`;
}

/** Loopback and private ranges, where an address and port can be nobody's but one server's. */
export function isPrivatePodAddress(addressText: string): boolean {
  const address = parseIpAddress(addressText);
  return address !== undefined && PRIVATE.some((network) => isInNetwork(address, network));
}

/** An IPv4 address in IPv6 clothes is named both ways. */
function describe(text: string, address: IpAddress): string {
  return address.family === 4 && text.includes(':') ? `${text} (${formatIpv4(address.value)})` : text;
}

function isOwn(address: IpAddress, ownAddresses: readonly string[]): boolean {
  if (LOOPBACK.some((network) => isInNetwork(address, network))) return true;
  return ownAddresses.some((text) => {
    const own = parseIpAddress(text);
    return own !== undefined && own.family === address.family && own.value === address.value;
  });
}

function networkOf(text: string): IpNetwork {
  const network = parseIpNetwork(text);
  if (network === undefined) throw new Error(`"${text}" is not a network in CIDR notation, e.g. 10.0.0.0/8 or fd00::/8`);
  return network;
}
