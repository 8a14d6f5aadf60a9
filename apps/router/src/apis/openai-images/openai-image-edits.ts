import type { InferenceApi } from '../api.js';
import { openAiImages } from './openai-images.js';

/** Images from images: a form with files, which pass through as they come. */
export function openAiImageEdits(path: string): InferenceApi {
  return { ...openAiImages(path), takes: 'form' };
}
