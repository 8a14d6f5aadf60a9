import { type DeploymentObserved, podPlaceOf } from '@ecolink/contracts';
import type { StoredDeployment } from '../instances/instance.js';
import { ownAddresses } from '../pods/own-addresses.js';
import type { PodPlaces } from '../pods/pod-places.store.js';

type ObservedPods = DeploymentObserved['pods'];

/** Where the pods that a driver runs are reached; `undefined` while that is as it was, and for servers that others run. */
export function driverPlaces(
  deployment: StoredDeployment,
  before: ObservedPods,
  now: ObservedPods,
): readonly PodPlaces[] | undefined {
  if (deployment.driver === 'external' || textOf(before) === textOf(now)) return undefined;
  const own = ownAddresses();
  return now.flatMap(({ pod_id: podId, address }) =>
    address === undefined ? [] : [{ podId, places: [podPlaceOf(address.host, address.port, own)] }],
  );
}

function textOf(pods: ObservedPods): string {
  return JSON.stringify(pods.map(({ pod_id: podId, address }) => [podId, address?.host, address?.port]));
}
