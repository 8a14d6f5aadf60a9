import { type AdminInstanceView, formatModelId, type InstanceView, type PricesDto } from '@ecolink/contracts';
import { actionsOf } from '../lifecycle/actions.js';
import { isExternal, type StoredDeployment, type StoredInstance } from './instance.js';
import { deadlineOf, progressOf } from '../lifecycle/start.js';
import { podsOf, wantedPodsOf } from './instance-pods.js';

/** An instance as its account sees it. Pod keys and environments are never part of it. */
export function instanceViewOf(instance: StoredInstance, prices: PricesDto | null): InstanceView {
  const { lifecycle, start } = instance;
  const wanted = wantedPodsOf(instance);
  const deployments = instance.deployments.map((deployment) => deploymentViewOf(instance, deployment));
  return {
    id: instance.id,
    model: formatModelId(instance.modelName, instance.id),
    model_id: instance.modelId,
    name: instance.name,
    category: instance.category,
    openai_compatible: instance.openaiCompatible,
    custom_api_path: instance.customApiPath,
    health_path: instance.healthPath,
    inject_stream_usage: instance.injectStreamUsage,
    strategy: instance.strategy,
    gpu_type: instance.gpuType,
    gpu_count: instance.gpuCount,
    image: instance.image,
    args: [...instance.args],
    regions: instance.deployments.filter((deployment) => deployment.replicas > 0).map((deployment) => deployment.region),
    state: lifecycle.state,
    desired_state: lifecycle.desiredState,
    degraded: lifecycle.degraded,
    phase: start.phase,
    phase_since: start.phaseSince?.toISOString() ?? null,
    phase_deadline_at: isExternal(instance) ? null : (deadlineOf(start, lifecycle, wanted)?.toISOString() ?? null),
    progress: start.phase === 'ready' ? null : progressOf(start.phase, wanted),
    failure: instance.failure,
    status_reason: lifecycle.statusReason,
    termination_reason: instance.terminationReason,
    actions: [...actionsOf({ state: lifecycle.state, desiredState: lifecycle.desiredState, isExternal: isExternal(instance) })],
    deployments: deployments
      .filter((deployment) => deployment.replicas > 0 || deployment.pods.length > 0)
      .map(({ region, pods }) => ({ region, pods })),
    prices,
    hourly_rate_nano_usd: instance.hourlyRateNanoUsd.toString(),
    hold_nano_usd: instance.holdNanoUsd.toString(),
    cycle_ends_at: instance.cycleEndsAt?.toISOString() ?? null,
    revision: instance.revision,
    created_at: instance.createdAt.toISOString(),
  };
}

export function adminInstanceViewOf(instance: StoredInstance, prices: PricesDto | null): AdminInstanceView {
  return { ...instanceViewOf(instance, prices), account_id: instance.accountId };
}

function deploymentViewOf(instance: StoredInstance, deployment: StoredDeployment) {
  const urls = new Map(deployment.pods.map((pod) => [pod.id, pod.url]));
  const pods = podsOf(instance, deployment).map((pod) => {
    const url = urls.get(pod.id);
    const { start, ...view } = pod;
    return {
      ...view,
      phase: start?.phase ?? null,
      phase_since: start?.since ?? null,
      progress: start === undefined ? null : progressOf(start.phase, [pod]),
      ...(url === undefined ? {} : { url }),
    };
  });
  return { region: deployment.region, replicas: deployment.replicas, pods };
}
