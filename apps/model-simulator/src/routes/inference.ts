import type { Exchange } from '../server/exchange.js';
import type { InferenceRouteName } from '../server/match-route.js';
import { chatCompletions } from './chat-completions.js';
import { completions } from './completions.js';
import { echo } from './echo.js';
import { embeddings } from './embeddings.js';
import { generate } from './generate.js';
import { imageEdits, imageGenerations } from './images.js';
import { countMessageTokens, messages } from './messages.js';
import { rerank } from './rerank.js';
import { responses } from './responses.js';
import { speech } from './speech.js';
import { transcriptions } from './transcriptions.js';
import { createVideo, readVideo } from './videos.js';

/** What answers the calls to a model. */
export const INFERENCE: Readonly<Record<InferenceRouteName, (exchange: Exchange) => Promise<void>>> = {
  'chat-completions': chatCompletions,
  completions,
  responses,
  messages,
  'count-tokens': countMessageTokens,
  embeddings,
  rerank,
  'image-generations': imageGenerations,
  'image-edits': imageEdits,
  speech,
  transcriptions,
  'create-video': createVideo,
  'read-video': readVideo,
  generate,
  echo,
};
