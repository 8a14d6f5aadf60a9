import { findFault } from '../faults/fault.js';
import { DIMENSIONS_MAX } from '../options/settings.js';
import type { Exchange } from '../server/exchange.js';
import { waitMs } from '../timing/wait.js';
import { answerJson } from '../wire/answer-json.js';
import { embeddingVector } from './embedding-vector.js';
import { checkModel, invalidField, optionalInteger } from './parse-fields.js';
import { parseJsonObject } from './parse-json-object.js';
import { parsePrompts } from './parse-prompts.js';

// OpenAI's own limits for one request, and a bound of the answer's size.
const INPUTS_MAX = 2048;
const INPUT_TOKENS_MAX = 8192;
const REQUEST_TOKENS_MAX = 300_000;
const NUMBERS_MAX = 2_000_000;

export async function embeddings(exchange: Exchange): Promise<void> {
  const { settings, faults, signal } = exchange;
  const body = parseJsonObject(exchange.body);
  checkModel(body, settings.model);
  const inputs = parsePrompts('input', body['input'], INPUTS_MAX);
  const dimensions = optionalInteger(body, 'dimensions', 1, DIMENSIONS_MAX) ?? settings.dimensions;
  const format = body['encoding_format'] ?? 'float';
  if (format !== 'float' && format !== 'base64') throw invalidField('encoding_format', 'must be float or base64');
  if (inputs.some((input) => input.tokens === 0)) throw invalidField('input', 'must not hold an empty text');
  if (inputs.some((input) => input.tokens > INPUT_TOKENS_MAX))
    throw invalidField('input', `must hold at most ${INPUT_TOKENS_MAX} tokens each`);
  const tokens = inputs.reduce((sum, input) => sum + input.tokens, 0);
  if (tokens > REQUEST_TOKENS_MAX) throw invalidField('input', `must hold at most ${REQUEST_TOKENS_MAX} tokens together`);
  if (inputs.length * dimensions > NUMBERS_MAX) throw invalidField('dimensions', `times inputs must be at most ${NUMBERS_MAX}`);

  await waitMs(exchange.ttftMs, signal);
  const encode = format === 'base64' ? base64Of : (vector: Float32Array) => Array.from(vector);
  const data = inputs.map((input, index) => ({
    object: 'embedding',
    index,
    embedding: encode(embeddingVector(input.text, dimensions)),
  }));
  const reported = findFault(faults, 'zero-usage') ? 0 : tokens;
  const usage = findFault(faults, 'omit-usage') ? {} : { usage: { prompt_tokens: reported, total_tokens: reported } };
  await answerJson(exchange, { object: 'list', data, model: settings.model, ...usage });
}

/** Little-endian float32, as the OpenAI SDKs decode it. */
function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}
