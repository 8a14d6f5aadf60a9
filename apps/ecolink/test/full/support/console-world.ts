import { startModelSimulator } from '@ecolink/model-simulator';
import { isProductGiven, mustSucceed, type ProductClient, waitFor } from '@ecolink/testing';
import type { Browser } from 'playwright-core';
import { Visitor } from '../../e2e/support/console/visitor.js';

const STATE_TIMEOUT_MS = 60_000;
const CALLS = 12;
/** A given product keeps the people of earlier runs. */
const AGAIN = isProductGiven ? `-${Date.now().toString(36)}` : '';
const GPU_TYPES = [
  ['L4', '400000000', 24, 12],
  ['L40S', '950000000', 48, 6],
  ['H100', '3200000000', 80, 4],
] as const;
const IMAGE = 'vllm/vllm-openai:v0.14';
const PRICES = { input_nano_usd_per_1m_tokens: '50000000', output_nano_usd_per_1m_tokens: '80000000' };

export interface ConsoleWorld {
  readonly owner: Visitor;
  /** The instance that everything is shown of: its id alone. */
  readonly llama: number;
  /** A request that was refused. */
  readonly refusedId: string;
  readonly inviteUrl: string;
  close(): Promise<void>;
}

/** An account in which something has happened: instances in every state, keys, people, limits, calls, refusals. */
export async function buildConsoleWorld(product: ProductClient, browser: Browser): Promise<ConsoleWorld> {
  const [small, large] = await gpuTypes(product);
  const owner = await Visitor.arrive(browser, product, `mira.okafor${AGAIN}`);
  await owner.signUp('Northwind AI');
  await owner.call('PATCH', '/me', { name: 'Mira Okafor' });
  await owner.call('POST', '/billing/top-ups', { amount_nano_usd: '100000000000' });
  await owner.call('POST', '/billing/card');
  await owner.call('PUT', '/billing/auto-recharge', {
    enabled: true,
    threshold_nano_usd: '10000000000',
    amount_nano_usd: '25000000000',
  });
  const instances = await launchAll(owner, product, { small, large });
  const { keys, narrowKey } = await makeKeys(owner);
  await owner.call('POST', '/budgets', { scope: { kind: 'account' }, period: 'month', limit_nano_usd: '250000000000' });
  await owner.call('POST', '/budgets', { scope: { kind: 'key', id: keys[0]?.id }, period: 'day', limit_nano_usd: '5000000' });
  await owner.call('POST', '/alert-channels', { kind: 'email', address: 'ops@northwind.example' });
  const inviteUrl = await people(owner, product, browser);
  const refusedId = await makeCalls(product, keys, narrowKey, instances);
  return { owner, llama: instances.llama, refusedId, inviteUrl, close: instances.close };
}

interface Launched {
  readonly llama: number;
  readonly embedder: number;
  close(): Promise<void>;
}

/** A small and a large type with a price; the simulated one where operators cannot set any. */
async function gpuTypes(product: ProductClient): Promise<readonly [string, string]> {
  for (const [name, rate, memory, gpus] of GPU_TYPES) {
    const capacity = ['mv', 'ga'].map((region) => ({ region, gpus }));
    const { status } = await product.admin('PUT', `/gpu-types/${name}`, {
      hourly_rate_nano_usd: rate,
      memory_gb: memory,
      capacity,
    });
    if (status >= 300) return ['sim-small', 'sim-small'];
  }
  return ['L4', 'L40S'];
}

interface Gpus {
  readonly small: string;
  readonly large: string;
}

async function launchAll(owner: Visitor, product: ProductClient, gpus: Gpus): Promise<Launched> {
  const model = async (name: string, category: string, repo?: string): Promise<string> => {
    const source = repo === undefined ? { kind: 'external' } : { kind: 'huggingface', repo };
    return ((await owner.call('POST', '/models', { name, category, source })) as { id: string }).id;
  };
  const launch = async (body: Record<string, unknown>): Promise<number> =>
    ((await owner.call('POST', '/instances', body)) as { id: number }).id;
  const onGpus = async (name: string, category: string, repo: string, gpu: string, more = {}): Promise<number> =>
    launch({ model_id: await model(name, category, repo), gpu_type: gpu, gpu_count: 1, image: IMAGE, ...more });
  const reached = (id: number, state: string): Promise<unknown> =>
    waitFor(async () => ((await owner.call('GET', `/instances/${id}`)) as { state: string }).state === state, {
      timeoutMs: STATE_TIMEOUT_MS,
      what: `instance ${id} to be ${state}`,
    });
  const [embedding, second, custom] = await Promise.all([
    startModelSimulator({ model: 'bge-m3', category: 'embedding', ttftMs: 20 }),
    startModelSimulator({ model: 'qwen-coder', ttftMs: 40 }),
    startModelSimulator({ model: 'legacy-rank', category: 'custom' }),
  ]);
  const dead = await startModelSimulator({ model: 'qwen-coder', ttftMs: 40 });
  const llama = await onGpus('my-llama', 'chat', 'meta-llama/Llama-3.1-8B-Instruct', gpus.small);
  const embedder = await launch({ model_id: await model('bge-m3', 'embedding'), pods: [{ region: 'mv', url: embedding.url }] });
  const pods = [
    { region: 'mv', url: second.url },
    { region: 'ga', url: dead.url },
  ];
  const coder = await launch({ model_id: await model('qwen-coder', 'chat'), pods });
  const legacy = { pods: [{ region: 'ga', url: custom.url }], openai_compatible: false, custom_api_path: 'generate' };
  await launch({ model_id: await model('legacy-rank', 'reranker'), ...legacy });
  await launch({ model_id: await model('whisper-large', 'audio'), pods: [{ region: 'mv', url: 'http://127.0.0.1:9' }] });
  const stopped = await onGpus('sdxl-turbo', 'image', 'stabilityai/sdxl-turbo', gpus.large);
  const gone = await onGpus('doc-vlm', 'chat', 'Qwen/Qwen3-VL-8B', gpus.small, { regions: ['mv'], allow_single_region: true });
  for (const id of [llama, embedder, coder, stopped, gone]) await reached(id, 'running');
  await mustSucceed(product.admin('PATCH', `/instances/${llama}`, { prices: PRICES }));
  await owner.call('POST', `/instances/${stopped}/stop`);
  await owner.call('POST', `/instances/${gone}/terminate`);
  await dead.close();
  await reached(stopped, 'stopped');
  return {
    llama,
    embedder,
    close: async () => {
      for (const server of [embedding, second, custom]) await server.close();
    },
  };
}

interface MadeKey {
  readonly id: string;
  readonly key: string;
}

async function makeKeys(owner: Visitor): Promise<{ keys: MadeKey[]; narrowKey: string }> {
  const make = async (body: Record<string, unknown>): Promise<MadeKey> =>
    (await owner.call('POST', '/api-keys', body)) as MadeKey;
  const keys = [
    await make({ name: 'production-api', source_tag: 'prod' }),
    await make({ name: 'search-indexer', source_tag: 'search' }),
  ];
  const { key: narrowKey } = await make({
    name: 'ci-render',
    source_tag: 'ci',
    allow: { models: ['no-other'], endpoints: ['/v1/chat/completions'] },
    expires_at: new Date(Date.now() + 30 * 86_400_000).toISOString(),
  });
  await make({ name: 'terraform', scopes: ['management'] });
  const { id } = await make({ name: 'laptop', source_tag: null });
  await owner.call('DELETE', `/api-keys/${id}`);
  return { keys, narrowKey };
}

async function people(owner: Visitor, product: ProductClient, browser: Browser): Promise<string> {
  const { url } = (await owner.call('POST', '/invites', { role: 'member' })) as { url: string };
  const tomas = await Visitor.arrive(browser, product, `tomas.lindqvist${AGAIN}`);
  await tomas.page.goto(url);
  await tomas.join();
  await tomas.leave();
  await owner.call('POST', '/invites', { role: 'owner' });
  return ((await owner.call('POST', '/invites', { role: 'member' })) as { url: string }).url;
}

/** Calls by several keys, some refused; gives the id of a refused one. */
async function makeCalls(product: ProductClient, keys: readonly MadeKey[], narrowKey: string, made: Launched): Promise<string> {
  const chat = (key: string | undefined, model: string) =>
    product.request('/v1/chat/completions', { key, body: { model, messages: [{ role: 'user', content: 'Say what you are.' }] } });
  for (let call = 0; call < CALLS; call += 1) {
    await mustSucceed(chat(keys[0]?.key, `my-llama:${made.llama}`));
    await mustSucceed(chat(keys[call % 2]?.key, 'meta-llama/Llama-3.1-8B-Instruct'));
    const body = { model: `bge-m3:${made.embedder}`, input: ['one', 'two'] };
    await mustSucceed(product.request('/v1/embeddings', { key: keys[1]?.key, body }));
  }
  await chat(narrowKey, `my-llama:${made.llama}`);
  await chat(keys[1]?.key, 'mistralai/Mistral-7B-Instruct-v0.3');
  return (await chat(keys[0]?.key, `my-lama:${made.llama}`)).headers.get('x-ecolink-request-id') ?? '';
}
