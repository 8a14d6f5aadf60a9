import { z } from 'zod';

/**
 * Bodies and answers of the other inference dialects, as far as they are the same with every model server. What is not
 * named here goes through as it came.
 */
const model = z.string().min(1).describe('`<model name>:<instance id>`, or the id of a platform model.');
const stream = z.boolean().nullable().optional();
const usage = z.looseObject({ input_tokens: z.int().optional(), output_tokens: z.int().optional() }).nullable().optional();

const responseRequest = z.looseObject({
  model,
  input: z.unknown(),
  instructions: z.string().nullable().optional(),
  stream,
  max_output_tokens: z.int().min(1).nullable().optional(),
});
const responseAnswer = z.looseObject({ id: z.string().optional(), output: z.array(z.looseObject({})), usage });

const messagesRequest = z.looseObject({
  model,
  max_tokens: z.int().min(1).optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown().optional() })),
  system: z.unknown().optional(),
  stream,
});
const messagesAnswer = z.looseObject({
  id: z.string().optional(),
  type: z.string().optional(),
  content: z.array(z.looseObject({})),
  usage,
});
const tokenCount = z.looseObject({ input_tokens: z.int() });

const rerankRequest = z.looseObject({
  model,
  query: z.unknown(),
  documents: z.array(z.unknown()),
  top_n: z.int().min(1).nullable().optional(),
});
const rerankAnswer = z.looseObject({ results: z.array(z.looseObject({ index: z.int(), relevance_score: z.number() })) });

const imageRequest = z.looseObject({ model, prompt: z.string(), n: z.int().min(1).nullable().optional(), stream });
const imageAnswer = z.looseObject({ created: z.int().optional(), data: z.array(z.looseObject({})), usage });

/** Fields of forms; a file is whatever the model server takes. */
const file = z.string().meta({ format: 'binary' });
const imageEditForm = z.looseObject({ model, prompt: z.string(), image: file.optional() });
const speechRequest = z.looseObject({
  model,
  input: z.string(),
  voice: z.unknown().optional(),
  response_format: z.string().optional(),
});
const transcriptionForm = z.looseObject({ model, file, response_format: z.string().optional() });
const transcriptionAnswer = z.looseObject({ text: z.string().optional() });

const videoRequest = z.looseObject({ model, prompt: z.string(), seconds: z.union([z.number(), z.string()]).optional() });
const videoJob = z.looseObject({ id: z.string(), status: z.string().optional() });

/** By the names that they have in the published document. */
export const INFERENCE_SCHEMAS = {
  ResponseRequest: responseRequest,
  ResponseAnswer: responseAnswer,
  MessagesRequest: messagesRequest,
  MessagesAnswer: messagesAnswer,
  TokenCount: tokenCount,
  RerankRequest: rerankRequest,
  RerankAnswer: rerankAnswer,
  ImageRequest: imageRequest,
  ImageAnswer: imageAnswer,
  ImageEditForm: imageEditForm,
  SpeechRequest: speechRequest,
  TranscriptionForm: transcriptionForm,
  TranscriptionAnswer: transcriptionAnswer,
  VideoRequest: videoRequest,
  VideoJob: videoJob,
} as const satisfies Record<string, z.ZodType>;
