import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { ApiError, type PodAddressPolicy, POD_NETWORKS_VARIABLE, refusePodAddress } from '@ecolink/contracts';

const RESOLVE_TIMEOUT_MS = 3_000;
const DEFAULT_PORT: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

export interface WebhookTarget {
  readonly url: string;
  /** Without brackets around IPv6. */
  readonly hostname: string;
  readonly port: number;
}

/** Where webhooks may go: the rules of external pods, on this host as it is now. */
export function webhookPolicy(networks: PodAddressPolicy['networks'], ownPorts: ReadonlySet<number>): PodAddressPolicy {
  const ownAddresses = Object.values(networkInterfaces()).flatMap((entries) => entries?.map((entry) => entry.address) ?? []);
  return { networks, ownPorts, ownAddresses };
}

/** Throws `url_not_allowed`: no absolute HTTP URL, or one with credentials or a fragment. */
export function parseWebhookUrl(text: string): WebhookTarget {
  const url = URL.parse(text.trim());
  if (url === null) throw refuse('must be an absolute URL, e.g. https://hooks.example.com/ecolink');
  const defaultPort = DEFAULT_PORT[url.protocol];
  if (defaultPort === undefined) throw refuse('must begin with https:// or http://');
  if (url.username !== '' || url.password !== '') throw refuse('must not carry credentials: deliveries are signed');
  if (text.includes('#')) throw refuse('must not have a fragment');
  return {
    url: url.href,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
  };
}

/** Throws `url_not_allowed` where any address of the host is one that a pod may not have. Every delivery asks again. */
export async function checkWebhookTarget(target: WebhookTarget, policy: PodAddressPolicy): Promise<void> {
  for (const address of await resolve(target.hostname)) {
    const reason = refusePodAddress(address, target.port, policy);
    if (reason !== undefined) throw refuse(reason);
  }
}

async function resolve(hostname: string): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('it took too long')), RESOLVE_TIMEOUT_MS);
  });
  try {
    const found = await Promise.race([lookup(hostname, { all: true }), deadline]);
    return found.map(({ address }) => address);
  } catch (error) {
    const cause = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
    throw refuse(
      `the host "${hostname}" could not be resolved (${cause}), so ${POD_NETWORKS_VARIABLE} cannot be seen to allow it`,
    );
  } finally {
    clearTimeout(timer);
  }
}

function refuse(reason: string): ApiError {
  return new ApiError('url_not_allowed', `url: ${reason}`, { param: 'url' });
}
