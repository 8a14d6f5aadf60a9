import { bytesOfText } from '../../relay/metering/frame-json.js';
import { isObject, NO_OUTPUT, readUsage } from '../../relay/metering/usage-reading.js';
import type { InferenceApi, OutputReading } from '../api.js';
import { answerMember } from '../body/answer-member.js';
import { openAiText } from '../openai-text/openai-text.js';
import { RESPONSES_ERRORS } from './errors.js';
import { RESPONSES_FRAMES } from './read-responses-frame.js';

/** Responses are made and streamed, never stored: a pod reports their usage unasked, in the last event. */
export function openAiResponses(path: string): InferenceApi {
  return {
    ...openAiText(path),
    reportsStreamUsage: false,
    readAnswer,
    frames: RESPONSES_FRAMES,
    errors: RESPONSES_ERRORS,
  };
}

function readAnswer(answer: Buffer): OutputReading {
  const usage = readUsage(answerMember(answer, 'usage'));
  if (usage?.outputTokens !== undefined) return { usage, uncounted: NO_OUTPUT };
  const output = answerMember(answer, 'output');
  const bytes = Array.isArray(output) ? output.reduce<number>((sum, item) => sum + itemBytes(item), 0) : 0;
  return { usage, uncounted: { bytes, frames: 0 } };
}

/** A message's texts, a reasoning's, or what a tool is called with. */
function itemBytes(item: unknown): number {
  if (!isObject(item)) return 0;
  const parts = Array.isArray(item['content']) ? (item['content'] as unknown[]) : [];
  const texts = parts.reduce<number>((sum, part) => sum + (isObject(part) ? bytesOfText(part['text'] ?? part['refusal']) : 0), 0);
  return texts + bytesOfText(item['name']) + bytesOfText(item['arguments']);
}
