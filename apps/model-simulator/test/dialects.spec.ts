import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { z } from 'zod';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { closeSimulators, simulator } from './simulator.js';

afterEach(closeSimulators);

const WEATHER = {
  type: 'object',
  properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
  required: ['city', 'unit'],
};
const TOOL = { type: 'function' as const, function: { name: 'get_weather', parameters: WEATHER } };
const USER = [{ role: 'user' as const, content: 'What is the weather in Paris?' }];

async function client(category: 'chat' | 'image' | 'audio' = 'chat'): Promise<OpenAI> {
  return new OpenAI({ apiKey: 'unused', baseURL: `${(await simulator({ category })).url}/v1`, maxRetries: 0 });
}

describe('chat completions', () => {
  it('call a tool with arguments of its schema, and answer in words once it has answered', async () => {
    const openai = await client();
    const first = await openai.chat.completions.create({ model: 'my-llama', messages: USER, tools: [TOOL] });
    const [call] = first.choices[0]?.message.tool_calls ?? [];
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({
      city: USER[0]?.content,
      unit: 'celsius',
    });
    const second = await openai.chat.completions.create({
      model: 'my-llama',
      tools: [TOOL],
      messages: [...USER, first.choices[0]?.message as never, { role: 'tool', tool_call_id: call?.id ?? '', content: 'sunny' }],
    });
    expect(second.choices[0]?.message.content).toContain('simulated');
  });

  it.each(['required', { type: 'function', function: { name: 'get_weather' } }] as const)(
    'obey the choice %p',
    async (choice) => {
      const openai = await client();
      const other = { type: 'function' as const, function: { name: 'other', parameters: {} } };
      const tools = choice === 'required' ? [TOOL, other] : [other, TOOL];
      const stream = openai.chat.completions.stream({ model: 'my-llama', messages: USER, tools, tool_choice: choice });
      const { choices } = await stream.finalChatCompletion();
      expect(choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'get_weather' } });
    },
  );

  it('call none where none may be called', async () => {
    const answer = await (
      await client()
    ).chat.completions.create({ model: 'my-llama', messages: USER, tools: [TOOL], tool_choice: 'none' });
    expect(answer.choices[0]?.message.tool_calls).toBeUndefined();
  });

  it('call several tools at once, those that the message is about, unless only one may be called', async () => {
    const openai = await client();
    const tools = ['getWeather', 'getCityAttractions', 'other'].map((name) => ({
      ...TOOL,
      function: { name, parameters: WEATHER },
    }));
    const content = 'What is the weather in Paris, and which attractions should I visit?';
    const ask = { model: 'my-llama', messages: [{ role: 'user' as const, content }], tools };
    const names = ({ choices }: OpenAI.ChatCompletion): unknown[] =>
      (choices[0]?.message.tool_calls ?? []).map((call) => call.type === 'function' && call.function.name);
    const streamed = await openai.chat.completions.stream(ask).finalChatCompletion();
    expect(names(streamed)).toEqual(['getWeather', 'getCityAttractions']);
    expect(names(await openai.chat.completions.create(ask))).toEqual(names(streamed));
    expect(names(await openai.chat.completions.create({ ...ask, parallel_tool_calls: false }))).toEqual(['getWeather']);
    for (const call of streamed.choices[0]?.message.tool_calls ?? [])
      expect(call.type === 'function' && JSON.parse(call.function.arguments)).toMatchObject({ unit: 'celsius' });
  });

  it('think aloud where that is asked for, before they answer', async () => {
    const openai = await client();
    const ask = { model: 'my-llama', messages: USER, reasoning_effort: 'low' as const };
    const whole = await openai.chat.completions.create(ask);
    let thoughts = '';
    let words = '';
    for await (const { choices } of await openai.chat.completions.create({ ...ask, stream: true })) {
      const delta = choices[0]?.delta as { content?: string; reasoning_content?: string };
      if (delta.reasoning_content !== undefined) expect(words).toBe('');
      thoughts += delta.reasoning_content ?? '';
      words += delta.content ?? '';
    }
    expect(whole.choices[0]?.message).toMatchObject({ content: words, reasoning_content: thoughts });
    expect(thoughts).toContain('weather in Paris');
    expect(whole.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  });

  it('say what a cache of prompts spared', async () => {
    const { url } = await simulator({ cacheTokensMax: 10_000 });
    const openai = new OpenAI({ apiKey: 'unused', baseURL: `${url}/v1`, maxRetries: 0 });
    const system = { role: 'system' as const, content: 'You are terse. '.repeat(100) };
    const ask = { model: 'my-llama', messages: [system, ...USER] };
    const cached = async (): Promise<number | undefined> =>
      (await openai.chat.completions.create(ask)).usage?.prompt_tokens_details?.cached_tokens;
    expect(await cached()).toBe(0);
    expect(await cached()).toBeGreaterThan(300);
  });

  it('answer in JSON of a schema', async () => {
    const shape = z.object({
      steps: z.array(z.object({ text: z.string(), sure: z.boolean() })).min(2),
      final: z.union([z.number().int().min(7), z.null()]),
      kind: z.enum(['a', 'b']),
    });
    const answer = await (
      await client()
    ).chat.completions.parse({ model: 'my-llama', messages: USER, response_format: zodResponseFormat(shape, 'answer') });
    expect(answer.choices[0]?.message.parsed).toMatchObject({ final: 7, kind: 'a' });
  });

  it('give log probabilities, with as many alternatives as are wanted', async () => {
    const answer = await (
      await client()
    ).chat.completions.create({ model: 'my-llama', messages: USER, logprobs: true, top_logprobs: 2, max_completion_tokens: 3 });
    const content = answer.choices[0]?.logprobs?.content ?? [];
    expect(content.map(({ top_logprobs: top }) => top.length)).toEqual([2, 2, 2]);
    expect(content.map(({ token }) => token).join('')).toBe(answer.choices[0]?.message.content);
  });
});

describe('responses', () => {
  it('are made and streamed with the same text and usage', async () => {
    const openai = await client();
    const whole = await openai.responses.create({ model: 'my-llama', input: 'Hello', instructions: 'Be brief' });
    const stream = openai.responses.stream({ model: 'my-llama', input: 'Hello', instructions: 'Be brief' });
    const streamed = await stream.finalResponse();
    expect([streamed.output_text, streamed.usage]).toEqual([whole.output_text, whole.usage]);
  });

  it('think before they call', async () => {
    const openai = await client();
    const tool = { type: 'function' as const, name: 'get_weather', parameters: WEATHER, strict: false };
    const ask = { model: 'my-llama', input: 'Paris', tools: [tool], reasoning: { effort: 'low' as const } };
    const whole = await openai.responses.create(ask);
    const streamed = await openai.responses.stream(ask).finalResponse();
    expect(whole.output).toMatchObject([{ type: 'reasoning' }, { type: 'function_call', name: 'get_weather' }]);
    expect(streamed.output.map(({ type }) => type)).toEqual(['reasoning', 'function_call']);
    expect(streamed.usage).toEqual(whole.usage);
  });

  it('call functions and answer in JSON', async () => {
    const openai = await client();
    const tool = { type: 'function' as const, name: 'get_weather', parameters: WEATHER, strict: false };
    const called = await openai.responses.create({ model: 'my-llama', input: 'Paris', tools: [tool], tool_choice: 'required' });
    expect(called.output[0]).toMatchObject({ type: 'function_call', name: 'get_weather' });
    const shape = z.object({ city: z.string() });
    const format = zodTextFormat(shape, 'city');
    const parsed = await openai.responses.parse({ model: 'my-llama', input: 'Paris', text: { format } });
    expect(parsed.output_parsed).toEqual({ city: 'Paris' });
  });
});

describe('messages', () => {
  const anthropic = async (): Promise<Anthropic> =>
    new Anthropic({ apiKey: 'unused', baseURL: (await simulator()).url, maxRetries: 0 });
  const ask = { model: 'my-llama', max_tokens: 500, messages: USER };

  it('are made and streamed with the same text and usage', async () => {
    const client = await anthropic();
    const whole = await client.messages.create(ask);
    const streamed = await client.messages.stream(ask).finalMessage();
    expect(streamed.content).toEqual(whole.content);
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect((await client.messages.countTokens({ model: 'my-llama', messages: USER })).input_tokens).toBe(
      whole.usage.input_tokens,
    );
  });

  it('think before they answer', async () => {
    const client = await anthropic();
    const thinking = { ...ask, thinking: { type: 'enabled' as const, budget_tokens: 1_024 }, max_tokens: 2_000 };
    const whole = await client.messages.create(thinking);
    const streamed = await client.messages.stream(thinking).finalMessage();
    expect(streamed.content).toEqual(whole.content);
    expect(whole.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
  });

  it('use tools', async () => {
    const tools = [{ name: 'get_weather', input_schema: { ...WEATHER, type: 'object' as const } }];
    const answer = await (await anthropic()).messages.stream({ ...ask, tools, tool_choice: { type: 'any' } }).finalMessage();
    expect(answer.stop_reason).toBe('tool_use');
    expect(answer.content[0]).toMatchObject({ type: 'tool_use', name: 'get_weather', input: { unit: 'celsius' } });
  });

  it('are refused in their own shape', async () => {
    await expect((await anthropic()).messages.create({ ...ask, model: 'other' })).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });
});

describe('media', () => {
  it('images are PNGs of the size that was asked for', async () => {
    const { data } = await (await client('image')).images.generate({ model: 'my-llama', prompt: 'a cat', n: 2, size: '256x256' });
    const png = Buffer.from(data?.[0]?.b64_json ?? '', 'base64');
    expect([png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20), data?.length]).toEqual([
      'PNG',
      256,
      256,
      2,
    ]);
    expect(data?.[0]?.b64_json).not.toBe(data?.[1]?.b64_json);
  });

  it('what is spoken can be written down again: its length is that of the file', async () => {
    const openai = await client('audio');
    const spoken = await openai.audio.speech.create({
      model: 'my-llama',
      voice: 'alloy',
      input: 'Hello there',
      response_format: 'wav',
    });
    const wav = Buffer.from(await spoken.arrayBuffer());
    expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
    const file = await OpenAI.toFile(wav, 'hello.wav');
    const written = await openai.audio.transcriptions.create({ model: 'my-llama', file, response_format: 'verbose_json' });
    expect(written.duration).toBeCloseTo((wav.length - 44) / 48_000, 2);
  });

  it('a reranker puts the document first that shares words with the query', async () => {
    const { url } = await simulator({ category: 'reranker' });
    const documents = ['the moon is far', 'what is the capital of France: Paris', 'bread'];
    const body = JSON.stringify({ model: 'my-llama', query: 'capital of France', documents, top_n: 2 });
    const answer = (await (await fetch(`${url}/v1/rerank`, { method: 'POST', body })).json()) as { results: { index: number }[] };
    expect(answer.results.map(({ index }) => index)).toEqual([1, expect.any(Number)]);
  });

  it('a film is an MP4 whose boxes add up, once it is done', async () => {
    const { url } = await simulator({ category: 'video' });
    const jobs = `${url}/v1/video/generations`;
    const body = JSON.stringify({ model: 'my-llama', prompt: 'waves', seconds: 0.2 });
    const created = await fetch(jobs, { method: 'POST', body });
    const { id } = (await created.json()) as { id: string };
    expect(created.status).toBe(202);
    interface Job {
      readonly status: string;
      readonly data?: readonly { readonly b64_json: string }[];
    }
    let job: Job = { status: '' };
    for (const deadline = Date.now() + 30_000; job.status !== 'completed' && Date.now() < deadline;)
      job = (await (await fetch(`${jobs}/${id}`)).json()) as Job;
    expect(boxesOf(Buffer.from(job.data?.[0]?.b64_json ?? '', 'base64'))).toEqual(['ftyp', 'moov', 'mdat']);
  });
});

function boxesOf(file: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < file.length; at += file.readUInt32BE(at)) names.push(file.toString('latin1', at + 4, at + 8));
  return names;
}
