import { assertNever, type ModelSource, type ModelSourceInput, type ModelView } from '@ecolink/contracts';
import type { StoredModel } from './models.store.js';

/** A source as it is kept: the token goes elsewhere, sealed. */
export function storedSource(input: ModelSourceInput, hadToken: boolean): ModelSource {
  switch (input.kind) {
    case 'huggingface': {
      const { token, ...rest } = input;
      return { ...rest, has_token: token !== undefined || hadToken };
    }
    case 'filesystem':
    case 'platform':
    case 'external':
      return input;
    default:
      return assertNever(input);
  }
}

/** The region that a model's weights tie it to. */
export function pinnedRegionOf(source: ModelSource): string | null {
  return source.kind === 'filesystem' ? source.region : null;
}

export function modelViewOf(model: StoredModel): ModelView {
  return {
    id: model.id,
    name: model.name,
    category: model.category,
    source: model.source,
    served_model_name: model.servedModelName ?? model.name,
    context_length: model.contextLength,
    parameters: model.parameters === null ? null : Number(model.parameters),
    created_at: model.createdAt.toISOString(),
  };
}

/** What a sealed Hugging Face token is bound to. */
export function modelTokenPlace(modelId: string): string {
  return `model:${modelId}`;
}
