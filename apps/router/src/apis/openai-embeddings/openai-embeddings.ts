import type { InferenceApi } from '../api.js';
import { openAiText } from '../openai-text/openai-text.js';

/** Embeddings: texts or tokens in, vectors out. They have no output tokens, and no usage frames to ask for. */
export function openAiEmbeddings(path: string): InferenceApi {
  return { ...openAiText(path), category: 'embedding', reportsStreamUsage: false };
}
