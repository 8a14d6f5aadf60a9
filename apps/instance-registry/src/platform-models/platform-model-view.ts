import type { AdminPlatformModelView, PricesDto } from '@ecolink/contracts';
import type { StoredDeployment, StoredInstance } from '../instances/instance.js';
import { podsOf } from '../instances/instance-pods.js';
import type { StoredPlatformModel } from './platform-models.store.js';

export function platformModelViewOf(
  model: StoredPlatformModel,
  instance: StoredInstance,
  prices: PricesDto | null,
): AdminPlatformModelView {
  return {
    id: model.id,
    display_name: model.displayName,
    category: model.category,
    context_length: model.contextLength,
    status: model.status,
    served_model_name: instance.servedModelName ?? model.id,
    strategy: instance.strategy,
    prices,
    state: instance.lifecycle.state,
    degraded: instance.lifecycle.degraded,
    status_reason: instance.lifecycle.statusReason,
    pods: instance.deployments.flatMap((deployment) => podViewsOf(instance, deployment)),
    created_at: model.createdAt.toISOString(),
  };
}

function podViewsOf(instance: StoredInstance, deployment: StoredDeployment): AdminPlatformModelView['pods'] {
  return podsOf(instance, deployment).map((pod) => {
    const stored = deployment.pods.find((entry) => entry.id === pod.id);
    return {
      id: pod.id,
      region: deployment.region,
      url: stored?.url ?? null,
      has_api_key: stored !== undefined && stored.apiKeyEncrypted !== null,
      weight: stored?.weight ?? 1,
      healthy: pod.healthy,
      reason: pod.reason,
    };
  });
}
