import OpenAI from 'openai';
import { countTokens } from '../src/index.js';
import { answerOf, chat, chunksOf, closeSimulators, framesOf, post, simulator, textOf } from './simulator.js';

afterEach(closeSimulators);

describe('the OpenAI SDK, unmodified', () => {
  it('chats, streams with usage, and lists models', async () => {
    const { url } = await simulator({ apiKey: 'secret' });
    const client = new OpenAI({ apiKey: 'secret', baseURL: `${url}/v1`, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'Count to 3' }];
    const whole = await client.chat.completions.create({ model: 'my-llama', messages });
    expect(whole.choices[0]?.message.content).toBe("EcoLink's simulated model counts to 3: 1, 2, 3.");

    const stream = await client.chat.completions.create({
      model: 'my-llama',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(usage).toEqual(whole.usage);
    expect((await client.models.list()).data.map((model) => model.id)).toEqual(['my-llama']);
  });

  it('gets the same unit vectors as base64 (its default) and as floats', async () => {
    const { url } = await simulator({ category: 'embedding' });
    const client = new OpenAI({ apiKey: 'any', baseURL: `${url}/v1`, maxRetries: 0 });
    const input = ['the red cat', 'the red dog', 'quarterly invoices'];
    const fromBase64 = await client.embeddings.create({ model: 'my-llama', input });
    const fromFloat = await client.embeddings.create({ model: 'my-llama', input, encoding_format: 'float' });
    expect(fromBase64.data).toEqual(fromFloat.data);
    const [cat = [], dog = [], invoices = []] = fromFloat.data.map((item) => item.embedding);
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
    expect(cat).toHaveLength(384);
    expect(dot(cat, cat)).toBeCloseTo(1, 5);
    expect(dot(cat, dog)).toBeGreaterThan(dot(cat, invoices));
    expect(fromFloat.usage.prompt_tokens).toBe(input.reduce((sum, text) => sum + countTokens(text), 0));
  });

  it('gets typed errors for a wrong key and a wrong model', async () => {
    const { url } = await simulator({ apiKey: 'secret' });
    const ask = (apiKey: string, model: string) =>
      new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 }).chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'a' }],
      });
    await expect(ask('wrong', 'my-llama')).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(ask('secret', 'other')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('chat streams', () => {
  it('send one frame per token between the role and the finish, then [DONE], and no usage unless asked', async () => {
    const { url } = await simulator();
    const response = await post(`${url}/v1/chat/completions`, chat('Hello', { stream: true, max_tokens: 4 }));
    const text = await response.text();
    const chunks = chunksOf(text);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(chunks).toHaveLength(1 + 4 + 1);
    expect(framesOf(text).at(-1)).toBe('[DONE]');
    expect(chunks[0]?.choices?.[0]?.delta).toEqual({ role: 'assistant', content: '' });
    expect(chunks[5]?.choices?.[0]).toMatchObject({ delta: {}, finish_reason: 'length' });
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true);
    expect(textOf(chunks)).toBe('I am EcoLink');
  });

  it('carry usage null in every chunk and the exact counts in a last one without choices, when asked', async () => {
    const { url } = await simulator();
    const options = { stream: true, n: 2, stream_options: { include_usage: true } };
    const chunks = chunksOf(await (await post(`${url}/v1/chat/completions`, chat('Hello there', options))).text());
    const last = chunks.at(-1);
    const tokens = chunks.flatMap((chunk) => chunk.choices ?? []).filter((choice) => choice.delta?.content);
    expect(last?.choices).toEqual([]);
    expect(last?.usage).toEqual({
      prompt_tokens: countTokens('Hello there'),
      completion_tokens: tokens.length,
      total_tokens: countTokens('Hello there') + tokens.length,
    });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(new Set(tokens.map((choice) => choice.index))).toEqual(new Set([0, 1]));
  });
});

describe('completions', () => {
  it('answer texts and token ids, whole and streamed alike', async () => {
    const { url } = await simulator();
    const body = { model: 'my-llama', prompt: ['Count to 2', 'Hello'], max_tokens: 50 };
    const whole = await answerOf(await post(`${url}/v1/completions`, body));
    const chunks = chunksOf(await (await post(`${url}/v1/completions`, { ...body, stream: true })).text());
    const choices = chunks.flatMap((chunk) => chunk.choices ?? []);
    const streamed = [0, 1].map((index) => choices.map((choice) => (choice.index === index ? (choice.text ?? '') : '')).join(''));
    expect(whole.choices?.map((choice) => choice.text)).toEqual(streamed);
    const ids = await answerOf(await post(`${url}/v1/completions`, { ...body, prompt: [1, 2, 3] }));
    expect(ids.usage?.prompt_tokens).toBe(3);
  });
});

describe('refusals have the OpenAI shape', () => {
  it.each([
    ['not json', '{"model":', 400, 'invalid_request'],
    ['too deep', `${'['.repeat(200)}${']'.repeat(200)}`, 400, 'invalid_request'],
    ['not an object', '[]', 400, 'invalid_request'],
    ['no messages', '{"model":"my-llama"}', 400, 'invalid_request'],
    ['n too large', chat('a', { n: 17 }), 400, 'invalid_request'],
    ['max_tokens 0', chat('a', { max_tokens: 0 }), 400, 'invalid_request'],
    ['stream_options without stream', chat('a', { stream_options: {} }), 400, 'invalid_request'],
    ['unknown model', { ...chat('a'), model: 'my-llama:142' }, 404, 'model_not_found'],
    ['too large', 'x'.repeat(2000), 413, 'request_too_large'],
  ])('%s', async (_name, body, status, code) => {
    const { url } = await simulator({ bodyBytesMax: 1000 });
    const response = await post(`${url}/v1/chat/completions`, body);
    expect(response.status).toBe(status);
    const { error } = await answerOf(response);
    expect(Object.keys(error ?? {}).sort()).toEqual(['code', 'message', 'param', 'type']);
    expect(error).toMatchObject({ message: expect.any(String), type: 'invalid_request_error', code });
  });
});
