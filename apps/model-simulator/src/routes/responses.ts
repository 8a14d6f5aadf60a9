import { randomUUID } from 'node:crypto';
import type { Exchange } from '../server/exchange.js';
import { placeOf, type PlannedChoice, type PlannedPart, planGeneration, reasoningTokens } from '../text/plan-generation.js';
import { countTokens } from '../text/tokenizer.js';
import { answerGeneration } from '../wire/answer-generation.js';
import { streamGeneration } from '../wire/stream-generation.js';
import { usageOf } from '../wire/usage.js';
import { parseResponseDemands } from './parse-demands.js';
import { checkModel, flag, invalidField, optionalInteger } from './parse-fields.js';
import { isJsonObject, type JsonObject, parseJsonObject } from './parse-json-object.js';
import { type ChatPrompt, parseMessages } from './parse-messages.js';

/** `POST /v1/responses`: makes and streams responses, and stores none. */
export async function responses(exchange: Exchange): Promise<void> {
  const { settings, faults } = exchange;
  const body = parseJsonObject(exchange.body);
  checkModel(body, settings.model);
  const prompt = promptOf(body);
  const tokensMax = optionalInteger(body, 'max_output_tokens', 1, Number.MAX_SAFE_INTEGER);
  const sampling = { tokensMax, stop: [], choices: 1, ignoreEnd: false };
  const generation = planGeneration([prompt.text], prompt.tokens, settings.model, sampling, parseResponseDemands(body));
  const plan = exchange.prompts.read(generation, () =>
    JSON.stringify([body['tools'] ?? null, body['instructions'] ?? null, body['input']]),
  );
  const [choice] = plan.choices;
  if (choice === undefined) return;
  const reported = usageOf(plan, faults);
  const usage = reported && {
    input_tokens: reported.prompt_tokens,
    input_tokens_details: { cached_tokens: plan.cachedTokens ?? 0 },
    output_tokens: reported.completion_tokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens(plan) },
    total_tokens: reported.total_tokens,
  };
  const base = baseOf(body, settings.model);
  const isCut = choice.finishReason === 'length';
  const items = choice.parts.map((part) => itemOf(part, isCut));
  const finished = {
    ...base,
    status: isCut ? 'incomplete' : 'completed',
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    output: items,
    usage: usage ?? null,
  };
  if (!flag(body, 'stream')) {
    await answerGeneration(exchange, plan, () => finished);
    return;
  }
  await streamEvents(exchange, plan, { choice, items, base, finished });
}

interface Streamed {
  readonly choice: PlannedChoice;
  readonly items: readonly JsonObject[];
  readonly base: JsonObject;
  readonly finished: JsonObject;
}

async function streamEvents(
  exchange: Exchange,
  plan: Parameters<typeof streamGeneration>[1],
  { choice, items, base, finished }: Streamed,
): Promise<void> {
  let sequence = -1;
  const event = (type: string, fields: object): object => ({ type, ...fields, sequence_number: (sequence += 1) });
  const isCut = choice.finishReason === 'length';
  await streamGeneration(exchange, plan, {
    format: 'events',
    opening: () => [event('response.created', { response: base }), event('response.in_progress', { response: base })],
    token: (_choice, piece, step) => {
      const { part, partIndex, isFirst, isLast } = placeOf(choice, step);
      const item = items[partIndex] ?? {};
      const words = wordingOf(part, { item_id: item['id'], output_index: partIndex });
      const begun = { ...item, ...words.begun, status: 'in_progress' };
      return [
        ...(isFirst ? [event('response.output_item.added', { output_index: partIndex, item: begun })] : []),
        ...(isFirst ? words.opening.map(([type, fields]) => event(type, fields)) : []),
        event(words.delta[0], { ...words.delta[1], delta: piece }),
        ...(isLast ? words.closing.map(([type, fields]) => event(type, fields)) : []),
        ...(isLast ? [event('response.output_item.done', { output_index: partIndex, item })] : []),
      ];
    },
    closing: () => [event(isCut ? 'response.incomplete' : 'response.completed', { response: finished })],
  });
}

type Event = readonly [type: string, fields: object];

interface Wording {
  /** What the item lacks when it begins. */
  readonly begun: object;
  readonly opening: readonly Event[];
  readonly delta: Event;
  readonly closing: readonly Event[];
}

function wordingOf({ kind, name, pieces }: PlannedPart, place: object): Wording {
  const text = pieces.join('');
  const content = { ...place, content_index: 0 };
  const part = { type: 'output_text', text, annotations: [], logprobs: [] };
  const summary = { ...place, summary_index: 0 };
  const thought = { type: 'summary_text', text };
  switch (kind) {
    case 'call':
      return {
        begun: { arguments: '' },
        opening: [],
        delta: ['response.function_call_arguments.delta', place],
        closing: [['response.function_call_arguments.done', { ...place, name, arguments: text }]],
      };
    case 'text':
      return {
        begun: { content: [] },
        opening: [['response.content_part.added', { ...content, part: { ...part, text: '' } }]],
        delta: ['response.output_text.delta', { ...content, logprobs: [] }],
        closing: [
          ['response.output_text.done', { ...content, text, logprobs: [] }],
          ['response.content_part.done', { ...content, part }],
        ],
      };
    case 'reasoning':
      return {
        begun: { summary: [] },
        opening: [['response.reasoning_summary_part.added', { ...summary, part: { ...thought, text: '' } }]],
        delta: ['response.reasoning_summary_text.delta', summary],
        closing: [
          ['response.reasoning_summary_text.done', { ...summary, text }],
          ['response.reasoning_summary_part.done', { ...summary, part: thought }],
        ],
      };
  }
}

function itemOf({ kind, name, pieces }: PlannedPart, isCut: boolean): JsonObject {
  const text = pieces.join('');
  const id = randomUUID();
  const status = isCut ? 'incomplete' : 'completed';
  switch (kind) {
    case 'call':
      return { type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, name, arguments: text, status };
    case 'text': {
      const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }];
      return { type: 'message', id: `msg_${id}`, role: 'assistant', status, content };
    }
    case 'reasoning':
      return { type: 'reasoning', id: `rs_${id}`, summary: [{ type: 'summary_text', text }], status };
  }
}

function baseOf(body: JsonObject, model: string): JsonObject {
  return {
    id: `resp_${randomUUID()}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    metadata: body['metadata'] ?? {},
    model,
    output: [],
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: null,
    store: false,
    temperature: body['temperature'] ?? 1,
    text: body['text'] ?? { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_p: body['top_p'] ?? 1,
    truncation: 'disabled',
    usage: null,
  };
}

/** A text, or items; what is no message (calls and their results) counts as prompt and is not answered. */
function promptOf(body: JsonObject): ChatPrompt {
  const { input, instructions } = body;
  const extra = typeof instructions === 'string' ? countTokens(instructions) : 0;
  if (typeof input === 'string') return { text: input, tokens: countTokens(input) + extra };
  if (!Array.isArray(input)) throw invalidField('input', 'must be a text or a list of items');
  const items = input as unknown[];
  const others = items.filter((item) => isJsonObject(item) && item['role'] === undefined);
  const messages = items.filter((item) => !others.includes(item));
  const prompt = messages.length === 0 ? { text: '', tokens: 0 } : parseMessages(messages);
  const result = others.findLast((item) => isJsonObject(item) && typeof item['output'] === 'string') as JsonObject | undefined;
  const text = typeof result?.['output'] === 'string' ? result['output'] : prompt.text;
  const otherTokens = others.reduce<number>((sum, item) => sum + countTokens(JSON.stringify(item)), 0);
  return { text, tokens: prompt.tokens + extra + otherTokens };
}
