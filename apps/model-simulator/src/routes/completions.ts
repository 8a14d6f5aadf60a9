import { randomUUID } from 'node:crypto';
import type { Exchange } from '../server/exchange.js';
import { planGeneration } from '../text/plan-generation.js';
import { answerGeneration } from '../wire/answer-generation.js';
import { streamGeneration } from '../wire/stream-generation.js';
import { usageOf } from '../wire/usage.js';
import { checkModel } from './parse-fields.js';
import { parseJsonObject } from './parse-json-object.js';
import { parsePrompts } from './parse-prompts.js';
import { parseSampling, parseStream } from './parse-sampling.js';

const PROMPTS_MAX = 128;

export async function completions(exchange: Exchange): Promise<void> {
  const { settings, faults } = exchange;
  const body = parseJsonObject(exchange.body);
  checkModel(body, settings.model);
  const { stream, includeUsage } = parseStream(body, faults);
  const prompts = parsePrompts('prompt', body['prompt'], PROMPTS_MAX);
  const promptTokens = prompts.reduce((sum, prompt) => sum + prompt.tokens, 0);
  const texts = prompts.map((prompt) => prompt.text);
  const generation = planGeneration(texts, promptTokens, settings.model, parseSampling(body));
  const plan = exchange.prompts.read(generation, () => texts.join('\n'));
  const usage = usageOf(plan, faults);
  const base = {
    id: `cmpl-${randomUUID()}`,
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: settings.model,
  };
  const choice = (index: number, text: string, finishReason: string | null) => ({
    index,
    text,
    logprobs: null,
    finish_reason: finishReason,
  });

  if (!stream) {
    const choices = plan.choices.map(({ index, pieces, finishReason }) => choice(index, pieces.join(''), finishReason));
    await answerGeneration(exchange, plan, () => ({ ...base, choices, ...(usage && { usage }) }));
    return;
  }

  const sendsUsage = includeUsage && usage !== undefined;
  const chunk = (choices: readonly object[]) => ({ ...base, choices, ...(sendsUsage && { usage: null }) });
  await streamGeneration(exchange, plan, {
    format: 'sse',
    opening: () => [],
    token: ({ index }, piece) => [chunk([choice(index, piece, null)])],
    closing: () => [
      ...plan.choices.map(({ index, finishReason }) => chunk([choice(index, '', finishReason)])),
      ...(sendsUsage ? [{ ...chunk([]), usage }] : []),
    ],
    emptyChoices: () => chunk([]),
  });
}
