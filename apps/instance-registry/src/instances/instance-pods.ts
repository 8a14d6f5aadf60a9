import { summarisePods } from '../lifecycle/pod-summary.js';
import { type PodView, podViews } from '../lifecycle/pod-view.js';
import type { PodSummary } from '../lifecycle/state-machine.js';
import type { StoredDeployment, StoredInstance } from './instance.js';

/** The pods of one region as they stand. */
export function podsOf(instance: StoredInstance, deployment: StoredDeployment): readonly PodView[] {
  const health = instance.health?.pods.filter((pod) => pod.region === deployment.region) ?? [];
  return podViews(
    deployment.pods.map((pod) => pod.id),
    deployment.observation?.pods ?? [],
    health,
  );
}

/** The pods that are meant to be there, in all regions. */
export function wantedPodsOf(instance: StoredInstance): readonly PodView[] {
  return instance.deployments.flatMap((deployment) => wantedPods(deployment, podsOf(instance, deployment)));
}

export function summaryOf(instance: StoredInstance): PodSummary {
  const regions = instance.deployments.map((deployment) => ({ deployment, pods: podsOf(instance, deployment) }));
  return summarisePods({
    all: regions.flatMap(({ pods }) => pods),
    wanted: regions.flatMap(({ deployment, pods }) => wantedPods(deployment, pods)),
    desired: instance.deployments.reduce((sum, deployment) => sum + deployment.replicas, 0),
    reported: instance.deployments.some((deployment) => deployment.observation !== undefined),
  });
}

/** Pods that were replaced are seen until their gateway has ended them; they no longer make an instance healthy. */
function wantedPods(deployment: StoredDeployment, pods: readonly PodView[]): readonly PodView[] {
  if (deployment.replicas === 0) return [];
  if (deployment.driver !== 'external') return pods;
  const declared = new Set(deployment.pods.map((pod) => pod.id));
  return pods.filter((pod) => declared.has(pod.id));
}
