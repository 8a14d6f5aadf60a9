import { randomUUID } from 'node:crypto';
import type { Exchange } from '../server/exchange.js';
import { planGeneration } from '../text/plan-generation.js';
import { answerGeneration } from '../wire/answer-generation.js';
import { streamGeneration } from '../wire/stream-generation.js';
import { usageOf } from '../wire/usage.js';
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
  const plan = planGeneration([prompt.text], prompt.tokens, settings.model, parseSampling(body));
  const usage = usageOf(plan, faults);
  const base = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: settings.model };

  if (!stream) {
    const choices = plan.choices.map(({ index, pieces, finishReason }) => ({
      index,
      message: { role: 'assistant', content: pieces.join(''), refusal: null },
      logprobs: null,
      finish_reason: finishReason,
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
  const delta = (index: number, fields: object, finishReason: string | null = null) =>
    chunk([{ index, delta: fields, logprobs: null, finish_reason: finishReason }]);
  await streamGeneration(exchange, plan, {
    format: 'sse',
    opening: () => plan.choices.map(({ index }) => delta(index, { role: 'assistant', content: '' })),
    token: (index, piece) => delta(index, { content: piece }),
    closing: () => [
      ...plan.choices.map(({ index, finishReason }) => delta(index, {}, finishReason)),
      ...(sendsUsage ? [{ ...chunk([]), usage }] : []),
    ],
    emptyChoices: () => chunk([]),
  });
}
