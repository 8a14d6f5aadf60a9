import type { Fault } from '../faults/fault.js';
import { findFault } from '../faults/fault.js';
import type { GenerationPlan } from '../text/plan-generation.js';

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** The exact usage of a plan, or what the faults make of it; `undefined` = the engine reports none. */
export function usageOf(plan: GenerationPlan, faults: readonly Fault[]): Usage | undefined {
  if (findFault(faults, 'omit-usage')) return undefined;
  if (findFault(faults, 'zero-usage')) return { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  const { promptTokens, completionTokens } = plan;
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}
