import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import OpenAIv6 from 'openai-v6';
import { type ClientsFixture, startClientsFixture } from './support/clients-fixture.js';

let fixture: ClientsFixture;

beforeAll(async () => {
  fixture = await startClientsFixture();
}, 120_000);

afterAll(() => fixture.close());

const CHAT = 'my-llama:142';
const ask = { model: CHAT, messages: [{ role: 'user' as const, content: 'Count to 5' }] };
const tool = {
  type: 'function' as const,
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};

// The two majors have one shape for all that is used here.
describe.each<[string, typeof OpenAI]>([
  ['openai 7', OpenAI],
  ['openai 6', OpenAIv6 as unknown as typeof OpenAI],
])('%s', (_version, Client) => {
  const client = (key = fixture.key): OpenAI => new Client({ apiKey: key, baseURL: `${fixture.url}/v1`, maxRetries: 0 });

  it('chats, whole and streamed, and knows the id of its call', async () => {
    const whole = await client().chat.completions.create(ask);
    expect(whole.choices[0]?.message.content).toContain('1, 2, 3, 4, 5');
    const stream = client().chat.completions.stream({ ...ask, stream_options: { include_usage: true } });
    const streamed = await stream.finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(streamed.usage).toEqual(whole.usage);
  });

  it('calls tools, and takes JSON of a schema', async () => {
    const called = await client().chat.completions.create({ ...ask, tools: [tool], tool_choice: 'required' });
    expect(called.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'get_weather' } });
    const schema = tool.function.parameters;
    const answered = await client().chat.completions.create({
      ...ask,
      response_format: { type: 'json_schema', json_schema: { name: 'city', schema } },
    });
    expect(JSON.parse(answered.choices[0]?.message.content ?? '')).toEqual({ city: 'Count to 5' });
  });

  it('makes responses, whole and streamed', async () => {
    const whole = await client().responses.create({ model: CHAT, input: 'Hello' });
    const streamed = await client().responses.stream({ model: CHAT, input: 'Hello' }).finalResponse();
    expect([streamed.output_text, streamed.usage]).toEqual([whole.output_text, whole.usage]);
    await expect(client().responses.retrieve(whole.id)).rejects.toBeInstanceOf(Client.NotFoundError);
  });

  it('completes, embeds as base64, and lists models', async () => {
    const completed = await client().post('/completions', { body: { model: CHAT, prompt: 'Hello' } });
    expect(JSON.stringify(completed)).toContain('simulated');
    const { data } = await client().embeddings.create({ model: 'my-embedder:143', input: ['a', 'b'] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([384, 384]);
    const models = [];
    for await (const { id } of client().models.list()) models.push(id);
    expect(models).toContain('my-voice:146');
    expect((await client().models.retrieve(CHAT)).id).toBe(CHAT);
  });

  it('makes images, and edits them with an upload', async () => {
    const made = await client().images.generate({ model: 'my-painter:145', prompt: 'a cat', size: '256x256' });
    const png = Buffer.from(made.data?.[0]?.b64_json ?? '', 'base64');
    const image = await Client.toFile(png, 'cat.png', { type: 'image/png' });
    const edited = await client().images.edit({ model: 'my-painter:145', prompt: 'a hat', image });
    expect(Buffer.from(edited.data?.[0]?.b64_json ?? '', 'base64').toString('latin1', 1, 4)).toBe('PNG');
  });

  it('speaks, and writes down what was said', async () => {
    const model = 'my-voice:146';
    const spoken = await client().audio.speech.create({ model, voice: 'alloy', input: 'Hello', response_format: 'wav' });
    const wav = Buffer.from(await spoken.arrayBuffer());
    const file = await Client.toFile(wav, 'hello.wav');
    const written = await client().audio.transcriptions.create({ model, file });
    expect(written.text).toContain('simulated transcription');
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    expect((await client().audio.translations.create({ model, file })).text).toContain('simulated');
    const pieces = [];
    for await (const event of await client().audio.transcriptions.create({ model, file, stream: true })) pieces.push(event);
    expect(pieces.at(-1)).toMatchObject({ type: 'transcript.text.done', text: written.text });
  });

  it.each([
    ['AuthenticationError', 401, () => client('eco_wrong').chat.completions.create(ask)],
    ['APIError', 402, () => client(fixture.poorKey).chat.completions.create({ ...ask, model: 'free/model' })],
    ['NotFoundError', 404, () => client().chat.completions.create({ ...ask, model: 'other:142' })],
    ['BadRequestError', 400, () => client().chat.completions.create({ ...ask, model: 'my-embedder:143' })],
    ['InternalServerError', 503, () => client().chat.completions.create({ ...ask, model: 'my-llama:150' })],
  ] as const)('throws %s for %i', async (name, status, call) => {
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Client[name]);
    expect(error).toMatchObject({ status, requestID: expect.stringMatching(/^req_/) as unknown });
  });
});

it('a client is told by 429 when it may come again', async () => {
  const slow = new OpenAI({ apiKey: fixture.slowKey, baseURL: `${fixture.url}/v1`, maxRetries: 0 });
  const call = (): Promise<unknown> => slow.chat.completions.create({ ...ask, model: 'free/model' });
  // Whatever becomes of the first, the second one is too many.
  await call().catch(() => undefined);
  const error: unknown = await call().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OpenAI.RateLimitError);
  expect(Number((error as InstanceType<typeof OpenAI.RateLimitError>).headers.get('retry-after'))).toBeGreaterThan(0);
});

describe('@anthropic-ai/sdk', () => {
  const client = (apiKey = fixture.key): Anthropic => new Anthropic({ apiKey, baseURL: fixture.url, maxRetries: 0 });
  const message = { ...ask, max_tokens: 500 };

  it('chats, whole and streamed, and counts tokens', async () => {
    const whole = await client().messages.create(message);
    const streamed = await client().messages.stream(message).finalMessage();
    expect([streamed.content, streamed.usage.output_tokens]).toEqual([whole.content, whole.usage.output_tokens]);
    expect((await client().messages.countTokens({ model: CHAT, messages: ask.messages })).input_tokens).toBe(
      whole.usage.input_tokens,
    );
  });

  it('uses tools', async () => {
    const tools = [{ name: 'get_weather', input_schema: { ...tool.function.parameters, type: 'object' as const } }];
    const answer = await client().messages.create({ ...message, tools, tool_choice: { type: 'any' } });
    expect(answer.content[0]).toMatchObject({ type: 'tool_use', name: 'get_weather', input: { city: 'Count to 5' } });
  });

  it.each([
    ['AuthenticationError', () => client('eco_wrong').messages.create(message)],
    ['NotFoundError', () => client().messages.create({ ...message, model: 'other:142' })],
    ['BadRequestError', () => client().messages.create({ ...message, model: 'my-embedder:143' })],
    ['InternalServerError', () => client().messages.create({ ...message, model: 'my-llama:150' })],
  ] as const)('throws %s', async (name, call) => {
    await expect(call()).rejects.toBeInstanceOf(Anthropic[name]);
  });
});

describe('by hand', () => {
  const post = (path: string, body: object): Promise<Response> =>
    fetch(fixture.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${fixture.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it.each(['/v1/rerank', '/v2/rerank'])('%s orders documents', async (path) => {
    const documents = ['bread', 'the capital of France is Paris'];
    const answer = await post(path, { model: 'my-reranker:144', query: 'capital of France', documents });
    expect(((await answer.json()) as { results: { index: number }[] }).results[0]?.index).toBe(1);
  });

  it('a film is begun, polled, and there in the end', async () => {
    const created = await post('/v1/video/generations', { model: 'my-filmmaker:147', prompt: 'waves', seconds: 0.1 });
    const { id } = (await created.json()) as { id: string };
    let job: { status?: string; id?: string } = {};
    for (const deadline = Date.now() + 30_000; job.status !== 'completed' && Date.now() < deadline;) {
      const polled = await fetch(`${fixture.url}/v1/video/generations/${id}`, {
        headers: { authorization: `Bearer ${fixture.key}` },
      });
      job = (await polled.json()) as typeof job;
    }
    expect(job).toMatchObject({ id, status: 'completed' });
  });
});
