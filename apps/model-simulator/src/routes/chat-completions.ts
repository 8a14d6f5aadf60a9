import { randomUUID } from 'node:crypto';
import type { Exchange } from '../server/exchange.js';
import { piecesOf, placeOf, type PlannedChoice, planGeneration } from '../text/plan-generation.js';
import { answerGeneration } from '../wire/answer-generation.js';
import { streamGeneration } from '../wire/stream-generation.js';
import { usageOf } from '../wire/usage.js';
import { logProbabilities, parseLogProbabilities } from './log-probabilities.js';
import { parseChatDemands } from './parse-demands.js';
import { checkModel } from './parse-fields.js';
import { parseJsonObject } from './parse-json-object.js';
import { parseMessages } from './parse-messages.js';
import { parseSampling, parseStream } from './parse-sampling.js';

export async function chatCompletions(exchange: Exchange): Promise<void> {
  const { settings, faults } = exchange;
  const body = parseJsonObject(exchange.body);
  checkModel(body, settings.model);
  const { stream, includeUsage } = parseStream(body, faults);
  const prompt = parseMessages(body['messages']);
  const wanted = parseLogProbabilities(body);
  const demands = parseChatDemands(body);
  const generation = planGeneration([prompt.text], prompt.tokens, settings.model, parseSampling(body), demands);
  const plan = exchange.prompts.read(generation, () => JSON.stringify([body['tools'] ?? null, body['messages']]));
  const usage = usageOf(plan, faults);
  const base = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: settings.model };

  if (!stream) {
    const choices = plan.choices.map((choice) => ({
      index: choice.index,
      message: messageOf(choice),
      logprobs: logProbabilities(wanted, piecesOf(choice, 'text')),
      finish_reason: choice.finishReason,
    }));
    await answerGeneration(exchange, plan, () => ({ ...base, object: 'chat.completion', choices, ...(usage && { usage }) }));
    return;
  }

  const sendsUsage = includeUsage && usage !== undefined;
  const chunk = (choices: readonly object[]) => ({
    ...base,
    object: 'chat.completion.chunk',
    choices,
    ...(sendsUsage && { usage: null }),
  });
  const delta = (index: number, fields: object, finishReason: string | null = null, logprobs: object | null = null) =>
    chunk([{ index, delta: fields, logprobs, finish_reason: finishReason }]);
  await streamGeneration(exchange, plan, {
    format: 'sse',
    opening: () => plan.choices.map((choice) => delta(choice.index, openingOf(choice))),
    token: (choice, piece, step) => {
      const { part, partIndex, isFirst } = placeOf(choice, step);
      switch (part.kind) {
        case 'reasoning':
          return [delta(choice.index, { reasoning_content: piece })];
        case 'text':
          return [delta(choice.index, { content: piece }, null, logProbabilities(wanted, [piece]))];
        case 'call': {
          const index = partIndex - choice.parts.findIndex(({ kind }) => kind === 'call');
          const call = isFirst ? callOf(part.name, piece) : { function: { arguments: piece } };
          return [delta(choice.index, { tool_calls: [{ index, ...call }] })];
        }
      }
    },
    closing: () => [
      ...plan.choices.map(({ index, finishReason }) => delta(index, {}, finishReason)),
      ...(sendsUsage ? [{ ...chunk([]), usage }] : []),
    ],
    emptyChoices: () => chunk([]),
  });
}

function messageOf(choice: PlannedChoice): object {
  const calls = choice.parts.filter(({ kind }) => kind === 'call');
  const reasoning = piecesOf(choice, 'reasoning').join('');
  return {
    role: 'assistant',
    content: calls.length > 0 ? null : piecesOf(choice, 'text').join(''),
    refusal: null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(({ name, pieces }) => callOf(name, pieces.join(''))) }),
  };
}

function openingOf({ parts }: PlannedChoice): object {
  return { role: 'assistant', content: parts.some(({ kind }) => kind === 'call') ? null : '' };
}

function callOf(name: string, args: string): object {
  return { id: `call_${randomUUID()}`, type: 'function', function: { name, arguments: args } };
}
