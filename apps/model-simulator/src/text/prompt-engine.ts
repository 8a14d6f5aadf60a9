import { hashText } from '../timing/seeded-random.js';
import type { GenerationPlan } from './plan-generation.js';

export interface PromptEngineOptions {
  /** Prompt tokens that are processed in a second, one prompt after the other; 0 = at once. */
  readonly promptTokensPerSecond: number;
  /** Tokens of prompts that are kept; 0 = there is no cache. */
  readonly cacheTokensMax: number;
}

/** About sixteen tokens, as in vLLM's blocks: what is shared is found to a block. */
const BLOCK_CHARACTERS = 64;
const BLOCK_TOKENS = 16;

/**
 * What a prompt costs before its first token: engines process prompts one after the other, and spare those blocks at the beginning
 * that are the same as in an earlier prompt and still in the cache, whose oldest blocks go first.
 */
export class PromptEngine {
  private readonly blocks = new Map<number, true>();
  private readonly blocksMax: number;
  private busyUntilMs = 0;

  constructor(
    private readonly options: PromptEngineOptions,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.blocksMax = Math.ceil(options.cacheTokensMax / BLOCK_TOKENS);
  }

  /**
   * The plan with what its prompt costs now. A prompt that was taken is processed though its client leaves.
   * @param context the whole prompt; asked for only where there is a cache.
   */
  read(plan: GenerationPlan, context: () => string): GenerationPlan {
    const cachedTokens = this.blocksMax === 0 ? undefined : this.take(context(), plan.promptTokens);
    const promptMs = this.enqueue(plan.promptTokens - (cachedTokens ?? 0));
    return { ...plan, promptMs, ...(cachedTokens === undefined ? {} : { cachedTokens }) };
  }

  /** Finds the blocks that are cached, and keeps all. At least one token of a prompt is processed every time. */
  private take(context: string, promptTokens: number): number {
    const whole = Math.floor(context.length / BLOCK_CHARACTERS);
    let cached = 0;
    let hash: number | undefined;
    for (let index = 0; index < whole; index += 1) {
      hash = hashText(context.slice(index * BLOCK_CHARACTERS, (index + 1) * BLOCK_CHARACTERS), hash);
      if (cached === index && this.blocks.delete(hash)) cached += 1;
      this.blocks.delete(hash);
      this.blocks.set(hash, true);
    }
    for (const oldest of this.blocks.keys()) {
      if (this.blocks.size <= this.blocksMax) break;
      this.blocks.delete(oldest);
    }
    if (cached === 0) return 0;
    const share = (cached * BLOCK_CHARACTERS) / context.length;
    return Math.max(0, Math.min(promptTokens - 1, Math.floor(share * promptTokens)));
  }

  private enqueue(tokens: number): number {
    const { promptTokensPerSecond } = this.options;
    if (promptTokensPerSecond === 0) return 0;
    const now = this.now();
    this.busyUntilMs = Math.max(this.busyUntilMs, now) + (tokens * 1_000) / promptTokensPerSecond;
    return this.busyUntilMs - now;
  }
}
