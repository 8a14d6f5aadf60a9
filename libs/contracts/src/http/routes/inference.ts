import {
  chatCompletionRequest,
  completionRequest,
  embeddingAnswer,
  embeddingRequest,
  generationAnswer,
  listedModel,
  listedModels,
  platformModelOffers,
} from '../../api/inference.js';
import { INFERENCE_SCHEMAS as SCHEMAS } from '../../api/inference-dialects.js';
import type { ErrorCode } from '../../errors.js';
import type { Route } from '../route.js';

/** What any call to a model may meet, in the order of the checks. */
const CALL_ERRORS: readonly ErrorCode[] = [
  'instance_not_owned',
  'wrong_instance_kind',
  'instance_credit_depleted',
  'insufficient_balance',
  'budget_reached',
  'instance_not_ready',
  'no_healthy_pod',
  'usage_journal_full',
  'upstream_error',
  'upstream_timeout',
];
const MODEL_ERRORS: readonly ErrorCode[] = ['model_not_found', 'wrong_category', 'model_not_priced', ...CALL_ERRORS];

const call = { method: 'POST', owner: 'router', tag: 'inference', auth: 'key', status: 200, errors: MODEL_ERRORS } as const;
const read = { method: 'GET', owner: 'router', tag: 'inference', status: 200 } as const;

export const INFERENCE_ROUTES: readonly Route[] = [
  {
    ...call,
    path: '/v1/chat/completions',
    summary: 'Chat with a model',
    body: chatCompletionRequest,
    response: generationAnswer,
    alsoAnswers: ['text/event-stream'],
  },
  {
    ...call,
    path: '/v1/completions',
    summary: 'Complete a prompt',
    body: completionRequest,
    response: generationAnswer,
    alsoAnswers: ['text/event-stream'],
  },
  {
    ...call,
    path: '/v1/responses',
    summary: 'Make a response; none is stored',
    body: SCHEMAS.ResponseRequest,
    response: SCHEMAS.ResponseAnswer,
    alsoAnswers: ['text/event-stream'],
  },
  {
    ...call,
    path: '/v1/messages',
    summary: 'Chat in the shape of Anthropic; its errors have that shape, and the key may stand in x-api-key',
    body: SCHEMAS.MessagesRequest,
    response: SCHEMAS.MessagesAnswer,
    alsoAnswers: ['text/event-stream'],
  },
  {
    ...call,
    path: '/v1/messages/count_tokens',
    summary: 'Count the tokens of such a chat, where the model server can',
    body: SCHEMAS.MessagesRequest,
    response: SCHEMAS.TokenCount,
  },
  ...['/v1/rerank', '/v2/rerank'].map((path) => ({
    ...call,
    path,
    summary: 'Order documents by how well they fit a query, in the shape of Cohere and Jina',
    body: SCHEMAS.RerankRequest,
    response: SCHEMAS.RerankAnswer,
  })),
  {
    ...call,
    path: '/v1/images/generations',
    summary: 'Make images',
    body: SCHEMAS.ImageRequest,
    response: SCHEMAS.ImageAnswer,
    alsoAnswers: ['text/event-stream'],
  },
  {
    ...call,
    path: '/v1/images/edits',
    summary: 'Make images from images',
    body: SCHEMAS.ImageEditForm,
    bodyType: 'multipart/form-data',
    response: SCHEMAS.ImageAnswer,
    alsoAnswers: ['text/event-stream'],
  },
  {
    ...call,
    path: '/v1/audio/speech',
    summary: 'Speak a text: the sound comes as bytes, while it is made',
    body: SCHEMAS.SpeechRequest,
    alsoAnswers: ['audio/*', 'text/event-stream'],
  },
  ...['transcriptions', 'translations'].map((name) => ({
    ...call,
    path: `/v1/audio/${name}`,
    summary: 'Write down what is said; the file passes through, and model is named in its first 25 MiB',
    body: SCHEMAS.TranscriptionForm,
    bodyType: 'multipart/form-data' as const,
    response: SCHEMAS.TranscriptionAnswer,
    alsoAnswers: ['text/plain', 'text/event-stream'],
  })),
  {
    ...call,
    path: '/v1/video/generations',
    summary: 'Begin a film; the status is the model server’s own, mostly 202. It is billed when it is taken',
    body: SCHEMAS.VideoRequest,
    response: SCHEMAS.VideoJob,
  },
  {
    ...read,
    path: '/v1/video/generations/{id}',
    auth: 'key',
    summary: 'How far a film is, and where it is when it is done',
    response: SCHEMAS.VideoJob,
    errors: ['not_found', 'model_not_found', 'no_healthy_pod', 'upstream_error', 'upstream_timeout'],
  },
  { ...call, path: '/v1/embeddings', summary: 'Embed texts', body: embeddingRequest, response: embeddingAnswer },
  { ...read, path: '/v1/models', auth: 'key', summary: 'Models that this key can call', response: listedModels },
  {
    ...read,
    path: '/v1/models/{id}',
    auth: 'key',
    summary: 'One of these models; slashes in its id may be encoded or not',
    response: listedModel,
    errors: ['model_not_found'],
  },
  {
    ...read,
    path: '/platform/models',
    auth: 'none',
    summary: 'Platform models and their prices in USD',
    response: platformModelOffers,
  },
  {
    method: 'ANY',
    path: '/inference-instances/{id}/proxy/{path}',
    owner: 'router',
    tag: 'inference',
    auth: 'key',
    summary: 'A custom instance, verbatim: method, path (which may hold slashes), query, body and answer',
    status: 200,
    alsoAnswers: ['*/*'],
    errors: ['instance_not_found', 'path_not_allowed', ...CALL_ERRORS],
  },
];
