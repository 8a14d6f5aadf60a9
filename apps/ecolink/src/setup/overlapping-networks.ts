import { isInNetwork, parseIpAddress, parseIpNetwork } from '@ecolink/contracts';

/**
 * Which of `podNetworks` share addresses with one of `ownNetworks` (both CIDRs). A customer could name one of the product's
 * own services as a pod there: services in containers have addresses that the gateways do not know to be the product's.
 */
export function overlappingNetworks(podNetworks: readonly string[], ownNetworks: readonly string[]): string[] {
  return podNetworks.filter((pods) => ownNetworks.some((own) => contains(pods, own) || contains(own, pods)));
}

/** Networks are nested or apart, so one of two that overlap holds the other's first address. */
function contains(outerText: string, innerText: string): boolean {
  const outer = parseIpNetwork(outerText);
  const inner = parseIpAddress(innerText.replace(/\/.*$/, ''));
  return outer !== undefined && inner !== undefined && isInNetwork(inner, outer);
}
