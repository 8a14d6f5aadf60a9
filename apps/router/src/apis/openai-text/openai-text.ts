import { readJsonAnswer } from '../../relay/metering/json-meter.js';
import { TEXT_FRAMES } from '../../relay/metering/read-frame.js';
import { unitsOf } from '../../relay/metering/usage-reading.js';
import type { InferenceApi, OutputReading } from '../api.js';
import { parseInferenceBody } from '../body/parse-inference-body.js';
import { rewriteBody } from '../body/rewrite-body.js';
import { OPENAI_ERRORS } from './errors.js';

/** Chat and plain completions: text in, choices out, tokens on the bill. */
export function openAiText(path: string): InferenceApi {
  return {
    path,
    category: 'chat',
    credential: 'bearer',
    takes: 'json',
    answers: 'text',
    readBody: parseInferenceBody,
    rewriteBody,
    reportsStreamUsage: true,
    readAnswer,
    frames: TEXT_FRAMES,
    unitsOf: (body, reading) => unitsOf(reading.usage, body.promptTokens, reading.uncounted),
    errors: OPENAI_ERRORS,
  };
}

function readAnswer(answer: Buffer): OutputReading {
  const { usage, outputBytes } = readJsonAnswer(answer);
  return { usage, uncounted: { bytes: outputBytes, frames: 0 } };
}
