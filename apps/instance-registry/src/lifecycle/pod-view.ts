import type { DeploymentObserved, InstanceHealth, PodStart, PodState } from '@ecolink/contracts';

/** One pod as instances show it: what its gateway observed, joined with what the health checker says. */
export interface PodView {
  readonly id: string;
  readonly state: PodState;
  readonly healthy: boolean;
  readonly since: string | null;
  readonly reason: string | null;
  readonly log_tail?: string[];
  readonly start?: PodStart;
}

type ObservedPod = DeploymentObserved['pods'][number];
type HealthPod = InstanceHealth['pods'][number];

/**
 * The pods of one region. A pod is healthy when nobody says otherwise: a gateway that died cannot say that its pods are
 * gone, the health checker does. `declared` are external pods that nobody has reported yet.
 */
export function podViews(
  declared: readonly string[],
  observed: readonly ObservedPod[],
  health: readonly HealthPod[],
): readonly PodView[] {
  const healthById = new Map(health.map((pod) => [pod.pod_id, pod]));
  const views = new Map<string, PodView>(declared.map((id) => [id, pendingPod(id)]));
  for (const pod of observed) views.set(pod.pod_id, joinPod(pod, healthById.get(pod.pod_id)));
  return [...views.values()];
}

function joinPod(pod: ObservedPod, health: HealthPod | undefined): PodView {
  const view = {
    ...{ id: pod.pod_id, state: pod.state },
    ...(pod.log_tail === undefined ? {} : { log_tail: pod.log_tail }),
    ...(pod.start === undefined ? {} : { start: pod.start }),
  };
  if (health === undefined || health.healthy || !pod.healthy) {
    return { ...view, healthy: pod.healthy, since: pod.since, reason: pod.reason };
  }
  return { ...view, healthy: false, since: health.since, reason: health.reason };
}

function pendingPod(id: string): PodView {
  return { id, state: 'pending', healthy: false, since: null, reason: null };
}

/** True while there is something of the pod that could still answer or must still be ended. */
export function isPresent(pod: PodView): boolean {
  return pod.state !== 'stopped' && pod.state !== 'failed' && pod.since !== null;
}
