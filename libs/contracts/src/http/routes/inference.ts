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
import type { ErrorCode } from '../../errors.js';
import type { Route } from '../route.js';

/** What any call to a model may meet, in the order of the checks. */
const CALL_ERRORS: readonly ErrorCode[] = [
  'instance_not_owned',
  'wrong_instance_kind',
  'instance_credit_depleted',
  'insufficient_balance',
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
