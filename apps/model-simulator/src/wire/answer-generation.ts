import { findFault } from '../faults/fault.js';
import type { Exchange } from '../server/exchange.js';
import type { GenerationPlan } from '../text/plan-generation.js';
import { startPace } from '../timing/pace.js';
import { answerJson } from './answer-json.js';
import { RequestRefused } from './request-refused.js';

/** Answers a plan in one piece, when its last token would have been due. */
export async function answerGeneration(exchange: Exchange, plan: GenerationPlan, body: () => object): Promise<void> {
  const { ttftMs, settings, signal, record } = exchange;
  const longest = Math.max(1, ...plan.choices.map((choice) => choice.pieces.length));
  await startPace({ ttftMs: ttftMs + (plan.promptMs ?? 0), tokensPerSecond: settings.tokensPerSecond, signal })(longest - 1);
  if (signal.aborted) return;
  if (findFault(exchange.faults, 'error-after-frames'))
    throw new RequestRefused(500, 'internal_error', 'The simulated engine failed on purpose.');
  record.tokensProduced = plan.completionTokens;
  record.firstTokenAtMs = Date.now();
  await answerJson(exchange, body());
}
