import { NO_OUTPUT, unitsOf } from '../../relay/metering/usage-reading.js';
import type { InferenceApi } from '../api.js';
import { openAiText } from '../openai-text/openai-text.js';
import { RESPONSES_ERRORS } from '../openai-responses/errors.js';
import { IMAGES_FRAMES, readImagesAnswer } from './read-images.js';

/** More are asked for by no one who means it, and every sum of them is beyond any balance. */
const IMAGES_MAX = 1_000_000_000;

/** Images from a prompt: what was made is on the bill, and the tokens that a pod reports or the prompt has. */
export function openAiImages(path: string): InferenceApi {
  return {
    ...openAiText(path),
    category: 'image',
    reportsStreamUsage: false,
    readAnswer: readImagesAnswer,
    frames: IMAGES_FRAMES,
    expected: ({ limits }) => ({ images: Math.min(Number(limits.answers), IMAGES_MAX) }),
    unitsOf: (body, reading) => {
      const { units, estimated } = unitsOf(reading.usage, body.promptTokens, NO_OUTPUT);
      return { units: { ...units, images: reading.amount ?? 0 }, estimated };
    },
    errors: RESPONSES_ERRORS,
  };
}
