import { bytesOfText } from '../../relay/metering/frame-json.js';
import { isObject, NO_OUTPUT } from '../../relay/metering/usage-reading.js';
import type { InferenceApi, OutputReading } from '../api.js';
import { answerMember } from '../body/answer-member.js';
import { openAiText } from '../openai-text/openai-text.js';
import { MESSAGES_ERRORS } from './errors.js';
import { MESSAGES_FRAMES } from './read-messages-frame.js';
import { readMessagesUsage } from './read-messages-usage.js';

/** Anthropic's messages, for pods that serve them. Usage comes unasked, at both ends of a stream. */
export function anthropicMessages(path: string): InferenceApi {
  return {
    ...openAiText(path),
    credential: 'bearer_or_x_api_key',
    reportsStreamUsage: false,
    readAnswer,
    frames: MESSAGES_FRAMES,
    errors: MESSAGES_ERRORS,
  };
}

/** Counts a prompt's tokens and generates nothing: of its units only the request is on the bill. */
export function anthropicCountTokens(path: string): InferenceApi {
  return {
    ...anthropicMessages(path),
    isPricedByRequest: true,
    unitsOf: () => ({ units: { requests: 1 }, estimated: false }),
  };
}

function readAnswer(answer: Buffer): OutputReading {
  const usage = readMessagesUsage(answerMember(answer, 'usage'));
  if (usage?.outputTokens !== undefined) return { usage, uncounted: NO_OUTPUT };
  const content = answerMember(answer, 'content');
  const bytes = Array.isArray(content) ? content.reduce<number>((sum, block) => sum + blockBytes(block), 0) : 0;
  return { usage, uncounted: { bytes, frames: 0 } };
}

function blockBytes(block: unknown): number {
  if (!isObject(block)) return 0;
  const input = block['input'] === undefined ? 0 : Buffer.byteLength(JSON.stringify(block['input']));
  return bytesOfText(block['text']) + bytesOfText(block['thinking']) + bytesOfText(block['name']) + input;
}
