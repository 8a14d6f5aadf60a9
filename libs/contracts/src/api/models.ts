import { z } from 'zod';
import { category } from '../categories.js';
import { MODEL_NAME_PATTERN } from '../model-id.js';
import { listOf } from './list.js';
import { plainText } from './plain-text.js';

/** `/api/v1/models`: what can be launched. */
export const modelName = z
  .string()
  .regex(MODEL_NAME_PATTERN, 'must begin with a letter or digit and hold at most 128 of letters, digits, ".", "_", "/" and "-"');

export const servedModelName = plainText(512);

const HF_REPO_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?$/;

/** What is known of its size: both decide which GPUs hold it. Without `parameters` they are read from the name, as in `…-8B-…`. */
const sizeFields = {
  context_length: z.int().min(1).max(100_000_000),
  parameters: z.int().min(1_000_000).max(100_000_000_000_000),
};

/** What the pod calls the model may stand beside the source or in it; it is kept beside. */
const inSource = { served_model_name: servedModelName.optional() };

const sourceBody = z.discriminatedUnion('kind', [
  z.strictObject({
    ...inSource,
    kind: z.literal('huggingface'),
    repo: z.string().regex(HF_REPO_PATTERN, 'must be a Hugging Face repository, e.g. "meta-llama/Llama-3.1-8B-Instruct"'),
    revision: z.string().min(1).max(255).default('main'),
    /** Write-only: kept encrypted, never shown again. */
    token: z.string().min(1).max(1_024).optional(),
  }),
  z.strictObject({
    ...inSource,
    kind: z.literal('filesystem'),
    filesystem: z.string().min(1).max(255),
    path: z.string().min(1).max(1_024),
    region: z.string().min(1).max(32),
  }),
  z.strictObject({ ...inSource, kind: z.literal('platform'), platform_model_id: z.string().min(1).max(512) }),
  z.strictObject({ ...inSource, kind: z.literal('external') }),
]);

function withoutServedName(source: z.infer<typeof sourceBody>) {
  const { served_model_name: _beside, ...rest } = source;
  return rest;
}
export type ModelSourceInput = ReturnType<typeof withoutServedName>;

export const createModel = z
  .strictObject({
    name: modelName,
    category,
    source: sourceBody,
    served_model_name: servedModelName.optional(),
    context_length: sizeFields.context_length.nullable().optional(),
    parameters: sizeFields.parameters.nullable().optional(),
  })
  .transform(({ source, served_model_name: beside, ...rest }) => {
    const served = beside ?? source.served_model_name;
    return { ...rest, source: withoutServedName(source), ...(served === undefined ? {} : { served_model_name: served }) };
  });
export type CreateModel = z.infer<typeof createModel>;

/** `served_model_name: null` goes back to the default, the model's name. */
export const updateModel = z
  .strictObject({
    name: modelName.optional(),
    category: category.optional(),
    source: sourceBody.optional(),
    served_model_name: servedModelName.nullable().optional(),
    context_length: sizeFields.context_length.nullable().optional(),
    parameters: sizeFields.parameters.nullable().optional(),
  })
  .transform(({ source, served_model_name: beside, ...rest }) => {
    const served = beside === undefined ? source?.served_model_name : beside;
    return {
      ...rest,
      ...(source === undefined ? {} : { source: withoutServedName(source) }),
      ...(served === undefined ? {} : { served_model_name: served }),
    };
  });
export type UpdateModel = z.infer<typeof updateModel>;

/** A source as it is stored and shown; of the token only whether there is one. */
export const modelSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('huggingface'), repo: z.string(), revision: z.string(), has_token: z.boolean() }),
  z.object({ kind: z.literal('filesystem'), filesystem: z.string(), path: z.string(), region: z.string() }),
  z.object({ kind: z.literal('platform'), platform_model_id: z.string() }),
  z.object({ kind: z.literal('external') }),
]);
export type ModelSource = z.infer<typeof modelSource>;

export const model = z.object({
  id: z.string(),
  name: z.string(),
  category,
  source: modelSource,
  /** What the pod calls the model: as given, else the name. */
  served_model_name: z.string(),
  context_length: z.int().nullable(),
  parameters: z.int().nullable(),
  created_at: z.iso.datetime(),
});
export type ModelView = z.infer<typeof model>;

export const modelList = listOf(model);
