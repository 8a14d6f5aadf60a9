import {
  type Answer,
  type Customer,
  DOLLAR_NANO_USD,
  type LaunchedInstance,
  mustSucceed,
  newCustomer,
  openProduct,
  type OpenProduct,
  waitFor,
} from '@ecolink/testing';
import OpenAI from 'openai';
import { type RealModel, startRealModel } from './support/start-real-model.js';

/** What the model is called by its server: with a colon, as Ollama does, which EcoLink's own names cannot have. */
const SERVED_NAME = 'gemma3:270m';
const POD_KEY = 'key-of-the-pod';
const INPUT_NANO_USD_PER_TOKEN = 100n;
const OUTPUT_NANO_USD_PER_TOKEN = 400n;
const PRICES = {
  input_nano_usd_per_1m_tokens: String(INPUT_NANO_USD_PER_TOKEN * 1_000_000n),
  output_nano_usd_per_1m_tokens: String(OUTPUT_NANO_USD_PER_TOKEN * 1_000_000n),
};
/** The first run fetches 340 MB. */
const SETUP_TIMEOUT_MS = 600_000;
const CALL_TIMEOUT_MS = 30_000;
const BILLING_TIMEOUT_MS = 5_000;

let opened: OpenProduct;
let model: RealModel;
let customer: Customer;
let instance: LaunchedInstance;

beforeAll(async () => {
  [opened, model] = await Promise.all([openProduct(), startRealModel(SERVED_NAME, POD_KEY)]);
  customer = await newCustomer(opened.product);
  const pods = [{ region: 'mv', url: `${model.url}/v1`, api_key: POD_KEY }];
  instance = await customer.launchAndWait(pods, { name: 'gemma', servedModelName: SERVED_NAME, prices: PRICES });
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  await opened?.close();
  await model?.close();
}, SETUP_TIMEOUT_MS);

describe('a real model behind the product', () => {
  it(
    'is asked by the name its server knows, and its own count of tokens is what is billed, to the nano-dollar',
    async () => {
      const answer = await mustSucceed(customer.chat(instance.model, { max_tokens: 12 }));
      expect(answer.headers.get('x-ecolink-region')).toBe('mv');
      expect(answer.body).toMatchObject({
        object: 'chat.completion',
        model: SERVED_NAME,
        choices: [{ message: { role: 'assistant' } }],
      });
      await expectBilled(requestIdOf(answer.headers), answer.body.usage);
    },
    CALL_TIMEOUT_MS,
  );

  it(
    "streams to an unmodified SDK, whose frames all hold a choice, and is billed by the model's count",
    async () => {
      const client = new OpenAI({ baseURL: opened.product.credentials.api_base_url, apiKey: customer.key, maxRetries: 0 });
      const { data: stream, response } = await client.chat.completions
        .create({
          model: instance.model,
          messages: [{ role: 'user', content: 'What is the capital of France?' }],
          max_completion_tokens: 12,
          stream: true,
        })
        .withResponse();
      const pieces: string[] = [];
      let finishReason: string | null = null;
      for await (const chunk of stream) {
        const [choice] = chunk.choices;
        expect(choice).toBeDefined();
        if (choice?.delta.content) pieces.push(choice.delta.content);
        finishReason ??= choice?.finish_reason ?? null;
      }
      expect(pieces.length).toBeGreaterThan(1);
      expect(['stop', 'length']).toContain(finishReason);
      const call = await recordedCall(requestIdOf(response.headers));
      expect(call).toMatchObject({ estimated: false, outcome: 'completed' });
      expect(call.units.output_tokens).toBeGreaterThanOrEqual(pieces.length);
      expect(call.units.output_tokens).toBeLessThanOrEqual(12);
    },
    CALL_TIMEOUT_MS,
  );

  it(
    'shows a caller who asks for it the very usage that is billed',
    async () => {
      const answer = await mustSucceed(
        customer.chat(instance.model, { max_tokens: 12, stream: true, stream_options: { include_usage: true } }),
      );
      const frames = answer.text
        .split('\n\n')
        .flatMap((frame) => (frame.startsWith('data: {') ? [JSON.parse(frame.slice('data: '.length))] : []));
      const usage = frames.at(-1);
      expect(usage.choices).toEqual([]);
      expect(answer.text.trimEnd().endsWith('data: [DONE]')).toBe(true);
      await expectBilled(requestIdOf(answer.headers), usage.usage);
    },
    CALL_TIMEOUT_MS,
  );

  it(
    'is free again soon after a caller hung up, who pays for the prompt and what was delivered',
    async () => {
      const gone = new AbortController();
      const prompt = { prompt: 'Once upon a time', max_tokens: 1500, stream: true };
      const response = await customer.open('/v1/completions', {
        body: { model: instance.model, ...prompt },
        signal: gone.signal,
      });
      await readSome(response);
      gone.abort();
      const startedAt = performance.now();
      await mustSucceed(customer.chat(instance.model, { max_tokens: 1 }));
      // The rest of the 1500 tokens would take half a minute and more.
      expect(performance.now() - startedAt).toBeLessThan(10_000);
      const call = await recordedCall(requestIdOf(response.headers));
      expect(call).toMatchObject({ outcome: 'client_aborted', estimated: true });
      expect(call.units.input_tokens).toBeGreaterThan(0);
      expect(call.units.output_tokens).toBeGreaterThan(0);
      expect(call.units.output_tokens).toBeLessThan(500);
    },
    CALL_TIMEOUT_MS,
  );

  it(
    'gives its own refusals through unchanged, and they cost nothing',
    async () => {
      const answer = await customer.chat(instance.model, { tools: [{ type: 'function', function: { name: 'f' } }] });
      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject({ code: 'unsupported_parameter', param: 'tools' });
      expect((await recordedCall(requestIdOf(answer.headers))).cost_nano_usd).toBe('0');
    },
    CALL_TIMEOUT_MS,
  );

  it(
    'has one ledger row for each call that cost something, and they add up to the balance',
    async () => {
      await waitFor(async () => (await ledgerRows()).length > 0, { timeoutMs: BILLING_TIMEOUT_MS, what: 'a ledger row' });
      const rows = await ledgerRows();
      const { body } = await mustSucceed(customer.manage('GET', '/billing/calls?limit=100'));
      const costs = body.data.map((call: { cost_nano_usd: string }) => call.cost_nano_usd).filter((cost: string) => cost !== '0');
      expect(rows.map((row) => row.amount_nano_usd).sort()).toEqual(costs.map((cost: string) => `-${cost}`).sort());
      const spent = costs.reduce((sum: bigint, cost: string) => sum + BigInt(cost), 0n);
      expect(await customer.balance()).toBe(DOLLAR_NANO_USD - spent);
    },
    CALL_TIMEOUT_MS,
  );
});

async function expectBilled(requestId: string, usage: { prompt_tokens: number; completion_tokens: number }): Promise<void> {
  const cost =
    BigInt(usage.prompt_tokens) * INPUT_NANO_USD_PER_TOKEN + BigInt(usage.completion_tokens) * OUTPUT_NANO_USD_PER_TOKEN;
  expect(usage.prompt_tokens).toBeGreaterThan(0);
  expect(usage.completion_tokens).toBeGreaterThan(0);
  expect(await recordedCall(requestId)).toMatchObject({
    model: instance.model,
    units: { input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens },
    estimated: false,
    cost_nano_usd: String(cost),
    region: 'mv',
    outcome: 'completed',
  });
  const amounts = (await ledgerRows()).map((row) => row.amount_nano_usd);
  expect(amounts).toContain(`-${cost}`);
}

function recordedCall(requestId: string): Promise<Answer['body']> {
  return customer.call(requestId, BILLING_TIMEOUT_MS);
}

async function ledgerRows(): Promise<{ type: string; amount_nano_usd: string }[]> {
  const { body } = await mustSucceed(customer.manage('GET', '/billing/transactions?limit=100'));
  return body.data.filter(
    (row: { type: string; instance_id: number | null }) => row.type === 'api_usage' && row.instance_id === instance.id,
  );
}

function requestIdOf(headers: Headers): string {
  const id = headers.get('x-ecolink-request-id');
  if (id === null) throw new Error('an answer without x-ecolink-request-id');
  return id;
}

/** Three reads: the answer has begun and is far from its end. */
async function readSome(response: Response): Promise<void> {
  const reader = response.body?.getReader();
  for (let reads = 0; reads < 3; reads += 1) await reader?.read();
}
