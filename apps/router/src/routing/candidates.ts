import type { InstanceRecord, Refusal } from '@ecolink/contracts';
import type { RouterState } from '../state/router-state.js';
import { type RegionCandidate, RegionRotation } from './choose-regions.js';

const RETRY_AFTER_SECONDS = 2;

/** Picks the regions for a call: those that are active and have a healthy pod, in their turn. */
export class CandidatePicker {
  private readonly rotations = new Map<number, RegionRotation>();

  constructor(private readonly state: RouterState) {}

  /** In the order to be tried; empty when no region has a healthy pod. */
  order(instance: InstanceRecord): readonly RegionCandidate[] {
    let rotation = this.rotations.get(instance.instance_id);
    if (rotation === undefined) this.rotations.set(instance.instance_id, (rotation = new RegionRotation()));
    return rotation.order(this.healthyRegions(instance));
  }

  private healthyRegions(instance: InstanceRecord): RegionCandidate[] {
    const healthyPods = new Map<string, number>();
    for (const pod of this.state.health.get(String(instance.instance_id))?.pods ?? []) {
      if (pod.healthy) healthyPods.set(pod.region, (healthyPods.get(pod.region) ?? 0) + 1);
    }
    const candidates: RegionCandidate[] = [];
    for (const [region, count] of [...healthyPods].sort(([left], [right]) => (left < right ? -1 : 1))) {
      const record = this.state.regions.get(region);
      const isAllowed = instance.pinned_region === null || instance.pinned_region === region;
      if (isAllowed && record?.state === 'active')
        candidates.push({ region, gatewayUrl: record.gateway_url, healthyPods: count });
    }
    return candidates;
  }
}

/** What a caller is told while no pod can serve the instance. */
export function noHealthyPod(instance: InstanceRecord): Refusal {
  const pin = instance.pinned_region;
  const where = pin === null ? 'in any of its regions' : `in ${pin}, the one region that this model's file system pins it to`;
  return { code: 'no_healthy_pod', message: `no healthy pod ${where}; try again`, retryAfterSeconds: RETRY_AFTER_SECONDS };
}
