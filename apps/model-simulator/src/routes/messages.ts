import { randomUUID } from 'node:crypto';
import type { Exchange } from '../server/exchange.js';
import { type GenerationPlan, placeOf, type PlannedChoice, type PlannedPart, planGeneration } from '../text/plan-generation.js';
import { countTokens } from '../text/tokenizer.js';
import { answerGeneration } from '../wire/answer-generation.js';
import { answerJson } from '../wire/answer-json.js';
import { RequestRefused } from '../wire/request-refused.js';
import { streamGeneration } from '../wire/stream-generation.js';
import { usageOf } from '../wire/usage.js';
import { parseMessagesDemands } from './parse-demands.js';
import { checkModel, flag, invalidField, optionalInteger } from './parse-fields.js';
import { isJsonObject, type JsonObject, parseJsonObject } from './parse-json-object.js';
import { type ChatPrompt, parseMessages } from './parse-messages.js';
import { parseSampling } from './parse-sampling.js';

/** `POST /v1/messages`, in Anthropic's shape, errors too. */
export function messages(exchange: Exchange): Promise<void> {
  return inAnthropicsShape(exchange, async () => {
    const body = parseJsonObject(exchange.body);
    checkModel(body, exchange.settings.model);
    if (optionalInteger(body, 'max_tokens', 1, Number.MAX_SAFE_INTEGER) === undefined)
      throw invalidField('max_tokens', 'is required');
    const prompt = promptOf(body);
    const sampling = { ...parseSampling({ max_tokens: body['max_tokens'], stop: body['stop_sequences'] }), choices: 1 };
    const demands = parseMessagesDemands(body);
    const generation = planGeneration([prompt.text], prompt.tokens, exchange.settings.model, sampling, demands);
    const plan = exchange.prompts.read(generation, () =>
      JSON.stringify([body['tools'] ?? null, body['system'] ?? null, body['messages']]),
    );
    await (flag(body, 'stream') ? streamMessage(exchange, plan) : answerMessage(exchange, plan));
  });
}

/** `POST /v1/messages/count_tokens`. */
export function countMessageTokens(exchange: Exchange): Promise<void> {
  return inAnthropicsShape(exchange, async () => {
    const body = parseJsonObject(exchange.body);
    checkModel(body, exchange.settings.model);
    await answerJson(exchange, { input_tokens: promptOf(body).tokens });
  });
}

async function answerMessage(exchange: Exchange, plan: GenerationPlan): Promise<void> {
  const [choice] = plan.choices;
  if (choice === undefined) return;
  const usage = usageIn(exchange, plan);
  await answerGeneration(exchange, plan, () => ({
    ...messageOf(exchange, { content: choice.parts.map(blockOf), stop_reason: stopReasonOf(choice) }),
    ...(usage && { usage }),
  }));
}

async function streamMessage(exchange: Exchange, plan: GenerationPlan): Promise<void> {
  const [choice] = plan.choices;
  if (choice === undefined) return;
  const usage = usageIn(exchange, plan);
  await streamGeneration(exchange, plan, {
    format: 'events',
    opening: () => [
      {
        type: 'message_start',
        message: { ...messageOf(exchange, {}), ...(usage && { usage: { ...usage, output_tokens: 0 } }) },
      },
      { type: 'ping' },
    ],
    token: (_choice, piece, step) => {
      const { part, partIndex: index, isFirst, isLast } = placeOf(choice, step);
      const begin = { type: 'content_block_start', index, content_block: emptyBlockOf(part) };
      const delta = { type: 'content_block_delta', index, delta: deltaOf(part, piece) };
      const signature = { type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: SIGNATURE } };
      const end = part.kind === 'reasoning' ? [signature] : [];
      return [...(isFirst ? [begin] : []), delta, ...(isLast ? [...end, { type: 'content_block_stop', index }] : [])];
    },
    closing: () => [
      {
        type: 'message_delta',
        delta: { stop_reason: stopReasonOf(choice), stop_sequence: null },
        ...(usage && { usage: { output_tokens: usage.output_tokens } }),
      },
      { type: 'message_stop' },
    ],
  });
}

function messageOf({ settings }: Exchange, fields: object): object {
  const id = `msg_${randomUUID()}`;
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: settings.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    ...fields,
  };
}

/** Anthropic counts what was cached beside the input. */
function usageIn(exchange: Exchange, plan: GenerationPlan): Readonly<Record<string, number>> | undefined {
  const usage = usageOf(plan, exchange.faults);
  if (usage === undefined) return undefined;
  const cached = usage.prompt_tokens_details?.cached_tokens;
  const output = { output_tokens: usage.completion_tokens };
  if (cached === undefined) return { input_tokens: usage.prompt_tokens, ...output };
  return { input_tokens: usage.prompt_tokens - cached, cache_read_input_tokens: cached, ...output };
}

const SIGNATURE = 'c2ltdWxhdGVk';

function blockOf({ kind, name, pieces }: PlannedPart): object {
  const text = pieces.join('');
  switch (kind) {
    case 'reasoning':
      return { type: 'thinking', thinking: text, signature: SIGNATURE };
    case 'text':
      return { type: 'text', text };
    case 'call':
      return { type: 'tool_use', id: `toolu_${randomUUID()}`, name, input: parseInput(text) };
  }
}

function emptyBlockOf({ kind, name }: PlannedPart): object {
  return kind === 'reasoning'
    ? { type: 'thinking', thinking: '', signature: '' }
    : { ...blockOf({ kind, name, pieces: [] }), ...(kind === 'call' ? { input: {} } : {}) };
}

function deltaOf({ kind }: PlannedPart, piece: string): object {
  switch (kind) {
    case 'reasoning':
      return { type: 'thinking_delta', thinking: piece };
    case 'text':
      return { type: 'text_delta', text: piece };
    case 'call':
      return { type: 'input_json_delta', partial_json: piece };
  }
}

/** Arguments that the limit on tokens cut are no JSON any more. */
function parseInput(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {};
  }
}

function stopReasonOf({ finishReason }: PlannedChoice): string {
  if (finishReason === 'length') return 'max_tokens';
  return finishReason === 'stop' ? 'end_turn' : 'tool_use';
}

function promptOf(body: JsonObject): ChatPrompt {
  const prompt = parseMessages(body['messages']);
  const system = body['system'];
  const parts = typeof system === 'string' ? [{ text: system }] : Array.isArray(system) ? (system as unknown[]) : [];
  const texts = parts.map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : ''));
  return { text: prompt.text, tokens: prompt.tokens + texts.reduce((sum, text) => sum + countTokens(text), 0) };
}

const TYPES: Readonly<Record<number, string>> = { 401: 'authentication_error', 404: 'not_found_error', 413: 'request_too_large' };

async function inAnthropicsShape(exchange: Exchange, answer: () => Promise<void>): Promise<void> {
  try {
    await answer();
  } catch (error) {
    if (!(error instanceof RequestRefused) || exchange.response.headersSent) throw error;
    const type = TYPES[error.status] ?? (error.status < 500 ? 'invalid_request_error' : 'api_error');
    await answerJson(exchange, { type: 'error', error: { type, message: error.message } }, error.status);
  }
}
