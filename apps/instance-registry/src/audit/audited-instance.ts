import { formatModelId } from '@ecolink/contracts';
import type { StoredInstance } from '../instances/instance.js';

/** What of an instance stands in an audit log. Neither keys of pods nor values of its environment. */
export function auditedInstance(instance: StoredInstance) {
  const { lifecycle, deployments } = instance;
  return {
    model: formatModelId(instance.modelName, instance.id),
    name: instance.name,
    desired_state: lifecycle.desiredState,
    run: instance.run,
    revision: instance.revision,
    ...(instance.gpuType === null ? {} : { gpu_type: instance.gpuType, gpu_count: instance.gpuCount }),
    replicas: deployments.reduce((sum, { replicas }) => sum + replicas, 0),
    pods: deployments.flatMap(({ region, pods }) => pods.map(({ url, weight }) => ({ region, url, weight }))),
  };
}
