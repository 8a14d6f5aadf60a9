import type { Category } from '@ecolink/contracts';
import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import type { Instance } from '../instances/queries.js';

export const platformModelsQuery = queryOptions({
  queryKey: ['playground', 'platform-models'],
  queryFn: async () => take(api.GET('/platform/models')),
  staleTime: 60_000,
});

type PlatformModel = NonNullable<Awaited<ReturnType<NonNullable<typeof platformModelsQuery.queryFn>>>>[number];

export type PickedModel =
  | { readonly kind: 'instance'; readonly id: string; readonly instance: Instance }
  | { readonly kind: 'platform'; readonly id: string; readonly model: PlatformModel };

/** What a tab can call: running OpenAI-compatible instances of its category first, then platform models that are served. */
export function callableModels(
  instances: readonly Instance[],
  platform: readonly PlatformModel[],
  category: Category,
): PickedModel[] {
  const own = instances
    .filter((instance) => instance.openai_compatible && instance.state === 'running' && instance.category === category)
    .map((instance): PickedModel => ({ kind: 'instance', id: instance.model, instance }));
  const others = platform
    .filter((model) => model.category === category && model.status !== 'disabled')
    .map((model): PickedModel => ({ kind: 'platform', id: model.model_id, model }));
  return [...own, ...others];
}

/** Instances that will be callable once they are ready, of any category. */
export function startingInstances(instances: readonly Instance[]): Instance[] {
  return instances.filter(({ state, openai_compatible }) => openai_compatible && (state === 'starting' || state === 'pending'));
}
