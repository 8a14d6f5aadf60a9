import type { Exchange } from '../server/exchange.js';
import { planGeneration } from '../text/plan-generation.js';
import { countTokens } from '../text/tokenizer.js';
import { answerGeneration } from '../wire/answer-generation.js';
import { streamGeneration } from '../wire/stream-generation.js';
import { echo } from './echo.js';
import { invalidField } from './parse-fields.js';
import type { JsonObject } from './parse-json-object.js';
import { parseJsonObject } from './parse-json-object.js';
import { parseSampling, parseStream } from './parse-sampling.js';

/**
 * The native path: `{prompt, max_tokens}` → `{text, tokens, finish_reason}`, `tokens` being the number of tokens produced.
 * With `stream: true` NDJSON, or SSE where the client accepts `text/event-stream`: `{token}` for each token, then
 * `{done, tokens, finish_reason}`. A custom instance echoes whatever is not such a request.
 */
export async function generate(exchange: Exchange): Promise<void> {
  const body = readGenerateRequest(exchange);
  if (body === undefined) {
    await echo(exchange);
    return;
  }
  const prompt = body['prompt'];
  if (typeof prompt !== 'string') throw invalidField('prompt', 'must be a text');
  const sampling = { ...parseSampling(body), choices: 1 };
  const { stream } = parseStream(body, exchange.faults);
  const generation = planGeneration([prompt], countTokens(prompt), exchange.settings.model, sampling);
  const plan = exchange.prompts.read(generation, () => prompt);
  const finishReason = plan.choices[0]?.finishReason ?? 'stop';
  const ending = { tokens: plan.completionTokens, finish_reason: finishReason };
  if (!stream) {
    const text = plan.choices[0]?.pieces.join('') ?? '';
    await answerGeneration(exchange, plan, () => ({ text, ...ending }));
    return;
  }
  await streamGeneration(exchange, plan, {
    format: exchange.request.headers.accept?.includes('text/event-stream') ? 'sse' : 'ndjson',
    opening: () => [],
    token: (_choice, piece) => [{ token: piece }],
    closing: () => [{ done: true, ...ending }],
  });
}

function readGenerateRequest({ request, body, settings }: Exchange): JsonObject | undefined {
  if (settings.category !== 'custom') return parseJsonObject(body);
  if (request.method !== 'POST') return undefined;
  try {
    const parsed = parseJsonObject(body);
    return typeof parsed['prompt'] === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}
