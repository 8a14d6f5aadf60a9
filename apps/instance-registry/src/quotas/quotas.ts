import type { Principal } from '@ecolink/contracts';

/** How many things of this service an account may have at once. */
export interface Quotas {
  readonly models: number;
  readonly instances: number;
  readonly pods: number;
}

/** What the caller's plan allows. */
export function quotasOf({ quotas }: Principal): Quotas {
  return { models: quotas.max_models, instances: quotas.max_instances, pods: quotas.max_pods };
}
