import type { InstanceRecord } from '@ecolink/contracts';
import type { StoredInstance } from './instance.js';

/** What the bus and the projection say of an instance: no URLs, no keys. */
export function instanceRecordOf(instance: StoredInstance): InstanceRecord {
  return {
    version: instance.version,
    instance_id: instance.id,
    kind: instance.kind,
    account_id: instance.accountId,
    platform_model_id: instance.platformModelId,
    model_id: instance.modelId,
    model_name: instance.modelName,
    served_model_name: instance.servedModelName,
    category: instance.category,
    openai_compatible: instance.openaiCompatible,
    custom_api_path: instance.customApiPath,
    inject_stream_usage: instance.injectStreamUsage,
    ...(instance.strategy === 'round_robin' ? {} : { strategy: instance.strategy }),
    state: instance.lifecycle.state,
    desired_state: instance.lifecycle.desiredState,
    degraded: instance.lifecycle.degraded,
    termination_reason: instance.terminationReason,
    pinned_region: instance.pinnedRegion,
    deployments: instance.deployments.map((deployment) => ({
      region: deployment.region,
      pods_desired: deployment.replicas,
      ready_replica_seconds: deployment.observation?.readySeconds ?? 0,
    })),
    ...(instance.gpuType === null ? {} : { run: instance.run, gpu_type: instance.gpuType, gpu_count: instance.gpuCount ?? 0 }),
    created_at: instance.createdAt.toISOString(),
  };
}
