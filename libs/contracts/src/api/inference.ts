import { z } from 'zod';
import { category, platformModelStatus } from '../categories.js';

/**
 * Bodies of inference calls, as far as this product reads them. A router checks `model`, `stream` and that the body is one
 * JSON object; every other field goes to the model server as it came, which alone knows what it accepts.
 */
const inferenceFields = {
  /** `<model name>:<instance id>`, or the id of a platform model. */
  model: z.string().min(1),
};
const generationFields = {
  ...inferenceFields,
  stream: z.boolean().nullable().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullable().optional(),
  max_tokens: z.int().min(1).nullable().optional(),
  n: z.int().min(1).nullable().optional(),
};

export const chatCompletionRequest = z.looseObject({
  ...generationFields,
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown().optional() })),
  max_completion_tokens: z.int().min(1).nullable().optional(),
});
export const completionRequest = z.looseObject({ ...generationFields, prompt: z.unknown() });
export const embeddingRequest = z.looseObject({ ...inferenceFields, input: z.unknown() });

const reportedUsage = z.looseObject({ prompt_tokens: z.int().optional(), total_tokens: z.int().optional() });

/** Answers of model servers, passed on as they are. */
export const generationAnswer = z.looseObject({
  id: z.string().optional(),
  object: z.string().optional(),
  model: z.string().optional(),
  choices: z.array(z.looseObject({})),
  usage: reportedUsage.nullable().optional(),
});
export const embeddingAnswer = z.looseObject({
  object: z.string().optional(),
  model: z.string().optional(),
  data: z.array(z.looseObject({})),
  usage: reportedUsage.nullable().optional(),
});

/** `GET /v1/models/{id}`, and an item of `GET /v1/models`. */
export const listedModel = z.object({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.string() });
export const listedModels = z.object({ object: z.literal('list'), data: z.array(listedModel) });

/** `GET /platform/models`: prices are USD as exact JSON numbers, `null` where there is none. */
export const platformModelOffers = z.array(
  z.object({
    model_id: z.string(),
    display_name: z.string(),
    category,
    status: platformModelStatus,
    context_length: z.int().nullable(),
    input_price_per_1m_tokens: z.number().nullable(),
    output_price_per_1m_tokens: z.number().nullable(),
  }),
);
