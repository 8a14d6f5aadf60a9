import { text } from '../../text/index.js';
import type { Instance } from './queries.js';
import { replicasOf } from './states.js';

/** `1 × L4 × 2`: GPUs of a replica, then replicas. */
export function hardwareText(instance: Instance): string {
  if (instance.gpu_type === null) return text.instances.external;
  const replicas = replicasOf(instance);
  return `${instance.gpu_count ?? 1} × ${instance.gpu_type}${replicas > 1 ? ` × ${replicas}` : ''}`;
}
