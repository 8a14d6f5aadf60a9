import { type AdminInstanceView, formatModelId, type InstanceView, type PricesDto } from '@ecolink/contracts';
import { actionsOf } from '../lifecycle/actions.js';
import { isExternal, type StoredDeployment, type StoredInstance } from './instance.js';
import { podsOf } from './instance-pods.js';

/** An instance as its account sees it. Pod keys and environments are never part of it. */
export function instanceViewOf(instance: StoredInstance, prices: PricesDto | null): InstanceView {
  const { lifecycle } = instance;
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
    gpu_type: instance.gpuType,
    gpu_count: instance.gpuCount,
    image: instance.image,
    args: [...instance.args],
    regions: instance.deployments.filter((deployment) => deployment.replicas > 0).map((deployment) => deployment.region),
    state: lifecycle.state,
    desired_state: lifecycle.desiredState,
    degraded: lifecycle.degraded,
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
    return { ...pod, ...(url === undefined ? {} : { url }) };
  });
  return { region: deployment.region, replicas: deployment.replicas, pods };
}
