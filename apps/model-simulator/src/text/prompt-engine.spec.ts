import type { GenerationPlan } from './plan-generation.js';
import { PromptEngine } from './prompt-engine.js';

const plan = (promptTokens: number): GenerationPlan => ({ choices: [], promptTokens, completionTokens: 0 });
const text = (letter: string, blocks: number): string => letter.repeat(64 * blocks);

describe('PromptEngine', () => {
  it('spares what an earlier prompt began with, to the first block that differs', () => {
    const engine = new PromptEngine({ promptTokensPerSecond: 0, cacheTokensMax: 10_000 });
    expect(engine.read(plan(160), () => text('a', 10)).cachedTokens).toBe(0);
    expect(engine.read(plan(320), () => text('a', 10) + text('b', 10)).cachedTokens).toBe(160);
    expect(engine.read(plan(320), () => text('b', 10) + text('a', 10)).cachedTokens).toBe(0);
  });

  it('processes at least one token of a prompt that it knows', () => {
    const engine = new PromptEngine({ promptTokensPerSecond: 0, cacheTokensMax: 10_000 });
    engine.read(plan(160), () => text('a', 10));
    expect(engine.read(plan(160), () => text('a', 10)).cachedTokens).toBe(159);
  });

  it('forgets what was used longest ago', () => {
    const engine = new PromptEngine({ promptTokensPerSecond: 0, cacheTokensMax: 16 * 20 });
    engine.read(plan(160), () => text('a', 10));
    engine.read(plan(160), () => text('b', 10));
    engine.read(plan(160), () => text('a', 10));
    engine.read(plan(160), () => text('c', 10));
    expect(engine.read(plan(160), () => text('a', 10)).cachedTokens).toBe(159);
    expect(engine.read(plan(160), () => text('b', 10)).cachedTokens).toBe(0);
  });

  it('processes one prompt after the other, and of each what is new', () => {
    let now = 0;
    const engine = new PromptEngine({ promptTokensPerSecond: 1_000, cacheTokensMax: 10_000 }, () => now);
    expect(engine.read(plan(160), () => text('a', 10)).promptMs).toBe(160);
    expect(engine.read(plan(160), () => text('b', 10)).promptMs).toBe(320);
    now = 1_000;
    expect(engine.read(plan(160), () => text('a', 10)).promptMs).toBe(1);
  });

  it('without a cache or a pace reads no prompt and takes no time', () => {
    const engine = new PromptEngine({ promptTokensPerSecond: 0, cacheTokensMax: 0 });
    const read = engine.read(plan(160), () => {
      throw new Error('was asked for');
    });
    expect(read).toEqual({ ...plan(160), promptMs: 0 });
  });
});
