import { assertNever } from '@ecolink/contracts';
import type { RegionVerdict } from '../regions/region-view.js';
import type { HealthByInstance, HealthPod } from './health-pods.js';

/**
 * What has to be published: the instances whose pods are other than `published`, with all their pods. Pods of regions that
 * have no verdict (disabled, draining, or gone) are left out, and so are pods that their gateway no longer lists.
 */
export function decideHealth(published: HealthByInstance, verdicts: ReadonlyMap<string, RegionVerdict>): HealthByInstance {
  const decided = new Map<number, HealthPod[]>([...published.keys()].map((instanceId) => [instanceId, []]));
  const put = (instanceId: number, pod: HealthPod): void => {
    const pods = decided.get(instanceId);
    if (pods === undefined) decided.set(instanceId, [pod]);
    else pods.push(pod);
  };
  for (const [region, verdict] of verdicts) addRegion(region, verdict, published, put);
  const changed = new Map<number, readonly HealthPod[]>();
  for (const [instanceId, pods] of decided) {
    const sorted = pods.sort(comparePods);
    if (!samePods(sorted, published.get(instanceId) ?? [])) changed.set(instanceId, sorted);
  }
  return changed;
}

function addRegion(
  region: string,
  verdict: RegionVerdict,
  published: HealthByInstance,
  put: (instanceId: number, pod: HealthPod) => void,
): void {
  if (verdict.kind === 'pods') {
    for (const { instance_id, pod_id, healthy, reason, since } of verdict.pods)
      put(instance_id, { pod_id, region, healthy, reason, since });
    return;
  }
  for (const [instanceId, pods] of published) {
    for (const pod of pods) if (pod.region === region) put(instanceId, judged(pod, verdict));
  }
}

function judged(pod: HealthPod, verdict: Exclude<RegionVerdict, { kind: 'pods' }>): HealthPod {
  switch (verdict.kind) {
    case 'keep':
      return pod;
    case 'unreachable':
      return {
        ...pod,
        healthy: false,
        reason: verdict.reason,
        since: pod.healthy ? new Date(verdict.sinceMs).toISOString() : pod.since,
      };
    default:
      return assertNever(verdict);
  }
}

function comparePods(left: HealthPod, right: HealthPod): number {
  return left.region === right.region ? compareText(left.pod_id, right.pod_id) : compareText(left.region, right.region);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function samePods(left: readonly HealthPod[], right: readonly HealthPod[]): boolean {
  return left.length === right.length && left.every((pod, index) => samePod(pod, right[index]));
}

function samePod(left: HealthPod, right: HealthPod | undefined): boolean {
  return (
    right !== undefined &&
    left.pod_id === right.pod_id &&
    left.region === right.region &&
    left.healthy === right.healthy &&
    left.reason === right.reason &&
    left.since === right.since
  );
}
