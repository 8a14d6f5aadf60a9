import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Customer, mustSucceed, newCustomer, openProduct, type OpenProduct } from '@ecolink/testing';
import OpenAI6 from 'openai-v6';
import { type ClientReport, installClients, runClient } from './support/run-client.js';
import { type RealModel, startRealModel } from './support/start-real-model.js';

const CHAT_NAME = 'gemma3:270m';
const EMBEDDING_NAME = 'sentences';
const POD_KEY = 'key-of-the-pod';
const PRICES = { input_nano_usd_per_1m_tokens: '100000000', output_nano_usd_per_1m_tokens: '400000000' };
/** The first run fetches 600 MB. */
const SETUP_TIMEOUT_MS = 15 * 60_000;
const PYTHON_CHECKS = fileURLToPath(new URL('../../../../tools/clients/python/real_weights.py', import.meta.url));

/** What each script must have shown: a check that is not told is one that did not run. */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  'real-weights.mjs': [
    'openai: chats whole and streamed, with the same text and count',
    'openai: completes',
    'openai: embeds, packed as it asks by itself, and as numbers',
    'langchain: invokes and streams, with the same text',
    'langchain: embeds',
    'ai-sdk: generates and streams by both of its providers, with the same text',
    'ai-sdk: embeds',
  ],
  'real_weights.py': ['openai for Python: chats whole and streamed', 'openai for Python: completes', 'openai for Python: embeds'],
};

let opened: OpenProduct;
let model: RealModel;
let customer: Customer;
let env: Readonly<Record<string, string>>;
let clients: { nodeDirectory: string; python: string };

beforeAll(async () => {
  const serve = startRealModel(CHAT_NAME, POD_KEY, ['--embeddings', EMBEDDING_NAME]);
  [opened, model, clients] = await Promise.all([openProduct(), serve, installClients()]);
  customer = await newCustomer(opened.product);
  const pods = [{ region: 'mv', url: `${model.url}/v1`, api_key: POD_KEY }];
  const chat = await customer.launchAndWait(pods, { name: 'gemma', servedModelName: CHAT_NAME, prices: PRICES });
  const sentences = { name: 'sentences', category: 'embedding', servedModelName: EMBEDDING_NAME, prices: PRICES } as const;
  const embedding = await customer.launchAndWait(pods, sentences);
  env = {
    ECOLINK_URL: opened.product.credentials.api_base_url.replace(/\/v1$/, ''),
    ECOLINK_KEY: customer.key,
    ECOLINK_CHAT: chat.model,
    ECOLINK_EMBEDDING: embedding.model,
  };
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  await opened?.close();
  await model?.close();
}, SETUP_TIMEOUT_MS);

// One after the other: the model answers one call at a time.
describe.each(Object.entries(CHECKS))('%s', (script, checks) => {
  let report: ClientReport;

  beforeAll(async () => {
    const isPython = script.endsWith('.py');
    const file = isPython ? PYTHON_CHECKS : path.join(clients.nodeDirectory, script);
    const command = isPython ? clients.python : process.execPath;
    report = await runClient({ command, args: [file], env, onAsk: () => undefined });
  }, SETUP_TIMEOUT_MS);

  it.each(checks)('%s', (check) => {
    expect(report.has(check)).toBe(true);
    expect(report.get(check)).toBeUndefined();
  });

  it('does nothing that is not listed here', () => {
    expect([...report.keys()].filter((check) => !checks.includes(check))).toEqual([]);
  });
});

it("OpenAI's SDK before the last one, which is in wide use, chats, streams and embeds as well", async () => {
  const { ECOLINK_CHAT: chat = '', ECOLINK_EMBEDDING: embedding = '' } = env;
  const client = new OpenAI6({ baseURL: opened.product.credentials.api_base_url, apiKey: customer.key, maxRetries: 0 });
  const call = { model: chat, messages: [{ role: 'user' as const, content: 'What is the capital of France?' }], max_tokens: 12 };
  const whole = await client.chat.completions.create(call);
  const streamed = await client.chat.completions.stream(call).finalChatCompletion();
  expect(whole.choices[0]?.message.content).not.toBe('');
  expect(streamed.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
  const { data } = await client.embeddings.create({ model: embedding, input: ['a cat', 'a dog'] });
  expect(data.map((item) => item.embedding.length)).toEqual([512, 512]);
});

it("costs what the model's own counts come to, in one ledger", async () => {
  const { body } = await mustSucceed(customer.manage('GET', '/billing/calls?limit=100'));
  const calls = body.data as { estimated: boolean; outcome: string; endpoint: string; units: Record<string, number> }[];
  expect(calls.filter(({ endpoint }) => endpoint.endsWith('embeddings')).length).toBeGreaterThanOrEqual(5);
  expect(calls.filter(({ outcome, estimated }) => outcome !== 'completed' || estimated)).toEqual([]);
  expect(calls.every(({ units }) => (units['input_tokens'] ?? 0) > 0)).toBe(true);
});
