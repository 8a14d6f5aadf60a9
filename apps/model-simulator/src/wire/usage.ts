import type { Fault } from '../faults/fault.js';
import { findFault } from '../faults/fault.js';
import { type GenerationPlan, reasoningTokens } from '../text/plan-generation.js';

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** Where the simulator has a cache. */
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
  /** Where the model thought. */
  readonly completion_tokens_details?: { readonly reasoning_tokens: number };
}

/** The exact usage of a plan, or what the faults make of it; `undefined` = the engine reports none. */
export function usageOf(plan: GenerationPlan, faults: readonly Fault[]): Usage | undefined {
  if (findFault(faults, 'omit-usage')) return undefined;
  if (findFault(faults, 'zero-usage')) return { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  const { promptTokens, completionTokens, cachedTokens } = plan;
  const thoughts = reasoningTokens(plan);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    ...(cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    ...(thoughts === 0 ? {} : { completion_tokens_details: { reasoning_tokens: thoughts } }),
  };
}
