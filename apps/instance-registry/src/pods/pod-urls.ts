import { lookup } from 'node:dns/promises';
import { ApiError, parsePodUrl, type PodAddressPolicy, POD_NETWORKS_VARIABLE, refusePodAddress } from '@ecolink/contracts';
import { ownAddresses } from './own-addresses.js';

/** A URL that may be stored, and the addresses that it was judged by. */
export interface CheckedPodUrl {
  readonly url: string;
  readonly hostname: string;
  readonly port: number;
  readonly addresses: readonly ResolvedAddress[];
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

const RESOLVE_TIMEOUT_MS = 3_000;

/** Judges pod URLs by every address their host has; one address that is not allowed is enough to refuse. */
export class PodUrls {
  constructor(
    private readonly networks: PodAddressPolicy['networks'],
    private readonly ownPorts: Set<number>,
  ) {}

  /** A port that turns out to be this product's own. */
  addOwnPort(port: number): void {
    this.ownPorts.add(port);
  }

  /** Throws `url_not_allowed`, naming the field, the address and the setting. */
  async check(text: string, param: string): Promise<CheckedPodUrl> {
    const parsed = parsePodUrl(text);
    if (parsed.kind === 'refused')
      throw refusedUrl(param, `${parsed.reason} (which servers may be named is set by ${POD_NETWORKS_VARIABLE})`);
    const addresses = await resolveAll(parsed.hostname, param);
    const policy = { networks: this.networks, ownPorts: this.ownPorts, ownAddresses: ownAddresses() };
    for (const { address } of addresses) {
      const reason = refusePodAddress(address, parsed.port, policy);
      if (reason !== undefined) throw refusedUrl(param, reason);
    }
    return { url: parsed.url, hostname: parsed.hostname, port: parsed.port, addresses };
  }
}

async function resolveAll(hostname: string, param: string): Promise<readonly ResolvedAddress[]> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('it took too long')), RESOLVE_TIMEOUT_MS);
  });
  try {
    const addresses = await Promise.race([lookup(hostname, { all: true, order: 'verbatim' }), deadline]);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    const cause = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
    throw refusedUrl(
      param,
      `the host "${hostname}" could not be resolved (${cause}), so ${POD_NETWORKS_VARIABLE} cannot be seen to allow it`,
    );
  } finally {
    clearTimeout(timer);
  }
  throw refusedUrl(param, `the host "${hostname}" has no address that ${POD_NETWORKS_VARIABLE} could allow`);
}

export function refusedUrl(param: string, reason: string): ApiError {
  return new ApiError('url_not_allowed', `${param}: ${reason}`, { param });
}
