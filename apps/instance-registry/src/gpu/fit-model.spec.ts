import { fitModel, type SizedModel } from './fit-model.js';

const h100 = (count = 1) => ({ type: 'h100-80gb', count, memoryGb: 80 });
const model = (repo: string, overrides: Partial<SizedModel> = {}): SizedModel => ({
  ...{ name: 'my-model', category: 'chat', contextLength: null, parameters: null },
  source: { kind: 'huggingface', repo, revision: 'main', has_token: false },
  ...overrides,
});

describe('whether GPUs hold a model', () => {
  it.each([
    ['meta-llama/Llama-3.1-8B-Instruct', 1, 'yes'],
    ['meta-llama/Llama-3.3-70B-Instruct', 1, 'no'],
    ['meta-llama/Llama-3.3-70B-Instruct', 2, 'tight'],
    ['meta-llama/Llama-3.3-70B-Instruct', 4, 'yes'],
    ['Qwen/Qwen2.5-72B-Instruct-AWQ', 1, 'yes'],
    ['neuralmagic/Llama-3.3-70B-Instruct-FP8', 1, 'no'],
    ['mistralai/Mixtral-8x7B-v0.1', 1, 'no'],
    ['Qwen/Qwen3-30B-A3B', 1, 'yes'],
    ['Qwen/Qwen3-32B', 1, 'tight'],
    ['google/gemma-3-270m', 1, 'yes'],
  ])('is told for %s on %i of 80 GB: %s', (repo, count, verdict) => {
    expect(fitModel(model(repo), h100(count)).verdict).toBe(verdict);
  });

  it('shows its arithmetic', () => {
    expect(fitModel(model('a/Llama-3.1-8B'), h100())).toEqual({
      verdict: 'yes',
      arithmetic:
        '8 billion parameters × 2 bytes = 16.0 GB + about 1.1 GB for a context of 8,192 tokens = 17.1 GB; 1 × h100-80gb offers 72.0 GB (90 % of 80 GB)',
    });
  });

  it('goes by what the model says of itself before its name, and by the launch before both', () => {
    const long = model('a/Llama-3.1-8B', { parameters: 34_000_000_000n, contextLength: 131_072 });
    expect(fitModel(long, h100())).toMatchObject({ verdict: 'no', arithmetic: expect.stringContaining('34 billion parameters') });
    expect(fitModel(long, h100(), ['--max-model-len=2048']).arithmetic).toContain('a context of 2,048 tokens');
  });

  it('takes no context into account for what does not write word by word', () => {
    expect(fitModel(model('BAAI/bge-1.5b', { category: 'embedding' }), h100()).arithmetic).not.toContain('context');
  });

  it.each([
    ['a size', model('openai/whisper-large'), h100()],
    ['memory', model('a/Llama-3.1-8B'), { type: 'sim-small', count: 1, memoryGb: null }],
  ])('is unknown without %s, and says so', (_what, sized, gpus) => {
    expect(fitModel(sized, gpus)).toEqual({ verdict: 'unknown', arithmetic: expect.stringContaining('not known') });
  });
});
