export const DEMO_EMAIL = 'demo@ecolink.localhost';

export const DEMO_REGIONS = [
  { code: 'mv', name: 'Mountain View (simulated)' },
  { code: 'ga', name: 'Georgia (simulated)' },
] as const;

/** GPU hours that cost nothing, so that the demo never uses itself up. */
const SIMULATED_GPU = { gpu_type: 'sim-small', gpu_count: 1, image: 'ecolink/model-simulator' };

interface DemoInstanceSpec {
  readonly model: { readonly name: string; readonly category: string; readonly source: Readonly<Record<string, string>> };
  readonly launch: Readonly<Record<string, unknown>>;
  readonly prices?: Readonly<Record<string, string>>;
}

/** One pod each: they are there to be tried, not to fail over. */
const ONE_POD = { ...SIMULATED_GPU, regions: ['mv'], allow_single_region: true };

/** In this order, so that they get the ids from 142 on. */
export const DEMO_INSTANCES: readonly DemoInstanceSpec[] = [
  {
    model: { name: 'my-llama', category: 'chat', source: { kind: 'huggingface', repo: 'demo/my-llama' } },
    launch: { ...SIMULATED_GPU, custom_api_path: 'generate' },
    prices: { input_nano_usd_per_1m_tokens: '50000000', output_nano_usd_per_1m_tokens: '80000000' },
  },
  {
    model: { name: 'my-generator', category: 'chat', source: { kind: 'huggingface', repo: 'demo/my-generator' } },
    launch: { ...SIMULATED_GPU, openai_compatible: false, custom_api_path: 'generate' },
  },
  {
    model: { name: 'my-embedder', category: 'embedding', source: { kind: 'huggingface', repo: 'demo/my-embedder' } },
    launch: SIMULATED_GPU,
  },
  {
    model: { name: 'my-painter', category: 'image', source: { kind: 'huggingface', repo: 'demo/my-painter' } },
    launch: ONE_POD,
    prices: { nano_usd_per_image: '20000000' },
  },
  {
    model: { name: 'my-reranker', category: 'reranker', source: { kind: 'huggingface', repo: 'demo/my-reranker' } },
    launch: ONE_POD,
    prices: { input_nano_usd_per_1m_tokens: '20000000' },
  },
  {
    model: { name: 'my-voice', category: 'audio', source: { kind: 'huggingface', repo: 'demo/my-voice' } },
    launch: ONE_POD,
    prices: { nano_usd_per_audio_second: '100000' },
  },
  {
    model: { name: 'my-filmmaker', category: 'video', source: { kind: 'huggingface', repo: 'demo/my-filmmaker' } },
    launch: ONE_POD,
    prices: { nano_usd_per_video_second: '50000000' },
  },
];

export const DEMO_PLATFORM_MODELS = [
  {
    id: 'meta-llama/Llama-3.1-8B-Instruct',
    body: {
      display_name: 'Llama 3.1 8B Instruct (simulated)',
      category: 'chat',
      context_length: 131_072,
      prices: { input_nano_usd_per_1m_tokens: '50000000', output_nano_usd_per_1m_tokens: '80000000' },
      simulated: { regions: ['mv', 'ga'], replicas_per_region: 1 },
    },
  },
  {
    id: 'mistralai/Mistral-7B-Instruct-v0.3',
    body: {
      display_name: 'Mistral 7B Instruct v0.3 (simulated, not priced yet)',
      category: 'chat',
      context_length: 32_768,
      simulated: { regions: ['mv'], replicas_per_region: 1 },
    },
  },
] as const;
