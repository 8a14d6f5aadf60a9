import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 180_000);

afterAll(() => registry.close());

describe('whether GPUs hold a model', () => {
  it('is told in a quote, and for each type in the numbers that models are split over', async () => {
    const model_id = await registry.createModel('acc_a', { source: { kind: 'huggingface', repo: 'a/Llama-3.3-70B-Instruct' } });
    const asked = { model_id, gpu_type: 'h100-80gb', gpu_count: 2, image: 'vllm' };
    const quote = await registry.call('acc_a', 'POST', '/api/v1/instances/quote', asked);
    expect(quote.body.fits).toEqual({
      verdict: 'tight',
      arithmetic: expect.stringContaining('70 billion parameters × 2 bytes = 140.0 GB'),
    });
    const ask = (id: string) => registry.call('acc_a', 'GET', `/api/v1/gpu-types?model_id=${id}`);
    const { body } = await ask(model_id);
    const h100 = body.data.find(({ name }: { name: string }) => name === 'h100-80gb');
    expect(h100.memory_gb).toBe(80);
    expect(h100.fits.map(({ gpu_count, verdict }: Record<string, unknown>) => [gpu_count, verdict])).toEqual([
      ...[
        [1, 'no'],
        [2, 'tight'],
        [4, 'yes'],
        [8, 'yes'],
      ],
    ]);
    expect((await registry.call('acc_a', 'GET', '/api/v1/gpu-types')).body.data[0]).not.toHaveProperty('fits');
    expect((await ask('mdl_unknown')).status).toBe(404);
    expect((await registry.call('acc_b', 'GET', `/api/v1/gpu-types?model_id=${model_id}`)).status).toBe(404);
  });

  it('goes by what is given of the model, which may be set and taken back', async () => {
    const model_id = await registry.createModel('acc_a', { parameters: 70_000_000_000, context_length: 4_096 });
    const path = `/api/v1/models/${model_id}`;
    expect((await registry.call('acc_a', 'GET', path)).body).toMatchObject({ parameters: 70_000_000_000, context_length: 4_096 });
    expect((await registry.call('acc_a', 'PATCH', path, { parameters: null })).body).toMatchObject({
      parameters: null,
      context_length: 4_096,
    });
    for (const body of [
      { parameters: 0 },
      { parameters: -1 },
      { parameters: 1e30 },
      { context_length: 0.5 },
      { context_length: '8k' },
    ])
      expect(await registry.call('acc_a', 'PATCH', path, body)).toMatchObject({
        status: 400,
        body: { error: { param: Object.keys(body)[0] } },
      });
  });
});
