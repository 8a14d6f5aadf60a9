import type { InferenceApi } from './api.js';
import { anthropicCountTokens, anthropicMessages } from './anthropic-messages/anthropic-messages.js';
import { openAiEmbeddings } from './openai-embeddings/openai-embeddings.js';
import { openAiSpeech } from './openai-audio/speech.js';
import { openAiTranscriptions } from './openai-audio/transcriptions.js';
import { openAiImageEdits } from './openai-images/openai-image-edits.js';
import { openAiImages } from './openai-images/openai-images.js';
import { openAiResponses } from './openai-responses/openai-responses.js';
import { openAiText } from './openai-text/openai-text.js';
import { openAiVideo } from './video/openai-video.js';
import { rerank } from './rerank/rerank.js';

/** The inference endpoints that are served: a new one is a folder here and a line below. */
const APIS: readonly InferenceApi[] = [
  openAiText('/v1/chat/completions'),
  openAiText('/v1/completions'),
  openAiResponses('/v1/responses'),
  anthropicMessages('/v1/messages'),
  anthropicCountTokens('/v1/messages/count_tokens'),
  openAiEmbeddings('/v1/embeddings'),
  rerank('/v1/rerank'),
  rerank('/v2/rerank'),
  openAiImages('/v1/images/generations'),
  openAiImageEdits('/v1/images/edits'),
  openAiSpeech('/v1/audio/speech'),
  openAiTranscriptions('/v1/audio/transcriptions'),
  openAiTranscriptions('/v1/audio/translations'),
  openAiVideo('/v1/video/generations'),
];

export const INFERENCE_ENDPOINTS: ReadonlyMap<string, InferenceApi> = new Map(APIS.map((api) => [api.path, api]));
