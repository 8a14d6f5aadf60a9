import { costOf, type NanoUsd, type Prices, type Units } from '@ecolink/contracts';
import type { CallLimits } from '../apis/body/read-call-limits.js';

/** Units beside tokens. */
export type MediaUnits = Pick<Units, 'images' | 'audio_milliseconds' | 'video_milliseconds'>;

/** What is known of a call's size before it runs. */
export interface CallSize extends CallLimits {
  readonly bodyBytes: number;
  readonly stream: boolean;
  readonly hasMedia: boolean;
  /** False where the endpoint's answers hold no tokens: embeddings. */
  readonly hasOutput: boolean;
  /** The most that it can have beside tokens. */
  readonly media?: MediaUnits;
}

/** Context length of models whose own is not known. */
export const CONTEXT_LENGTH_UNKNOWN = 131_072;
/** Output of one answer that a stream without a limit reserves to begin with, and by which its reservation grows. */
const OUTPUT_STEP_TOKENS = 1_024;

export interface CallBounds {
  /** The most that the prompt can be. */
  readonly inputTokens: bigint;
  /** Output that is reserved at admission: all that the call can make, or the first step of a stream that may grow. */
  readonly outputTokens: bigint;
  /** The most that all answers can be. */
  readonly outputTokensMax: bigint;
  /** By how much the reservation of a stream grows. */
  readonly outputStep: bigint;
}

/** The worst case of a call, by the token that takes a byte, the limits that its client sets and the model's context length. */
export function callBounds(size: CallSize, contextLength: number): CallBounds {
  const context = BigInt(contextLength);
  const contextOfAll = BigInt(size.prompts) * context;
  const inputTokens = size.hasMedia ? contextOfAll : least(BigInt(size.bodyBytes), contextOfAll);
  if (!size.hasOutput) return { inputTokens, outputTokens: 0n, outputTokensMax: 0n, outputStep: 0n };
  const { answers, outputTokensMax: limit } = size;
  const limitOfOne = limit === undefined || limit > contextLength ? context : BigInt(limit);
  const first = limit === undefined && size.stream ? least(BigInt(OUTPUT_STEP_TOKENS), context) : limitOfOne;
  return {
    inputTokens,
    outputTokens: answers * first,
    outputTokensMax: answers * limitOfOne,
    outputStep: answers * BigInt(OUTPUT_STEP_TOKENS),
  };
}

/** The cost of so many tokens and one request, where every token costs the most that it can. */
export function worstCost(inputTokens: bigint, outputTokens: bigint, prices: Prices): NanoUsd {
  const input = asCount(inputTokens);
  const isCachedDearer = prices.cachedInputPer1mTokens > prices.inputPer1mTokens;
  return costOf(
    {
      requests: 1,
      input_tokens: input,
      output_tokens: asCount(outputTokens),
      ...(isCachedDearer ? { cached_input_tokens: input } : {}),
    },
    prices,
  );
}

/** Beyond every balance, and still a number. */
const COUNT_MAX = 10n ** 30n;

function asCount(tokens: bigint): number {
  return Number(least(tokens, COUNT_MAX));
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
