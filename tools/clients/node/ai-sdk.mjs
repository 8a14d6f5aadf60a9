import assert from 'node:assert/strict';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  embedMany,
  generateImage,
  generateSpeech,
  generateText,
  Output,
  RetryError,
  stepCountIs,
  streamText,
  tool,
  transcribe,
} from 'ai';
import { z } from 'zod';
import { MODEL, product, refusalOf, retriesUnavailable, runChecks } from './checks.mjs';

const openai = createOpenAI({ baseURL: product.api, apiKey: product.key });
const compatible = createOpenAICompatible({ name: 'ecolink', baseURL: product.api, apiKey: product.key, includeUsage: true });
const models = { responses: openai(MODEL.chat), chat: openai.chat(MODEL.chat), compatible: compatible(MODEL.chat) };
const prompt = 'What is the weather in San Francisco and what attractions should I visit?';
const tools = (calls) => ({
  weather: tool({
    description: 'Get the weather in a location',
    inputSchema: z.object({ location: z.string() }),
    execute: async ({ location }) => calls.push(['weather', location]) && { temperature: 72 },
  }),
  cityAttractions: tool({
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => calls.push(['attractions', city]) && ['bridge'],
  }),
});
const recipe = z.object({
  recipe: z.object({
    name: z.string(),
    ingredients: z.array(z.object({ name: z.string(), amount: z.string() })),
    steps: z.array(z.string()),
  }),
});

await runChecks({
  'generates and streams text over each of its APIs': async () => {
    for (const [name, model] of Object.entries(models)) {
      const whole = await generateText({ model, prompt: 'Hello', maxRetries: 0 });
      assert.match(whole.text, /simulated/, name);
      const stream = streamText({ model, prompt: 'Hello', maxRetries: 0 });
      let text = '';
      for await (const piece of stream.textStream) text += piece;
      assert.equal(text, whole.text, name);
      assert.ok((await stream.usage).outputTokens > 0, name);
    }
  },
  'runs several tools at once and goes on with their results': async () => {
    for (const [name, model] of Object.entries(models)) {
      const calls = [];
      const { text, steps } = await generateText({ model, prompt, tools: tools(calls), stopWhen: stepCountIs(5), maxRetries: 0 });
      assert.deepEqual(calls.map(([tool]) => tool).sort(), ['attractions', 'weather'], name);
      assert.deepEqual([steps.length, text.includes('simulated')], [2, true], name);
    }
  },
  'streams the calls of tools': async () => {
    for (const [name, model] of Object.entries(models)) {
      const calls = [];
      const stream = streamText({ model, prompt, tools: tools(calls), toolChoice: 'required', maxRetries: 0 });
      const kinds = new Set();
      for await (const { type } of stream.fullStream) kinds.add(type);
      assert.ok(kinds.has('tool-call') && kinds.has('tool-result'), name);
    }
  },
  'gives objects of a schema, whole and in growing parts': async () => {
    const output = Output.object({ schema: recipe });
    for (const model of [models.responses, models.chat]) {
      const whole = await generateText({ model, output, prompt: 'Generate a lasagna recipe.', maxRetries: 0 });
      assert.ok(whole.output.recipe.steps.length > 0);
      const stream = streamText({ model, output, prompt: 'Generate a lasagna recipe.', maxRetries: 0 });
      let parts = 0;
      for await (const _part of stream.partialOutputStream) parts += 1;
      assert.ok(parts > 1);
    }
  },
  'tells thoughts from words': async () => {
    const providerOptions = { ecolink: { reasoningEffort: 'low' } };
    const { reasoningText, text } = await generateText({
      model: models.compatible,
      prompt: 'Hello',
      providerOptions,
      maxRetries: 0,
    });
    assert.match(reasoningText, /No real model thinks/);
    assert.doesNotMatch(text, /thinks/);
  },
  'embeds many': async () => {
    const { embeddings } = await embedMany({ model: openai.embedding(MODEL.embedding), values: ['a', 'b', 'c'], maxRetries: 0 });
    assert.deepEqual(
      embeddings.map(({ length }) => length),
      [384, 384, 384],
    );
  },
  'paints, speaks and writes down': async () => {
    const { image } = await generateImage({ model: openai.image(MODEL.image), prompt: 'a cat', size: '256x256', maxRetries: 0 });
    assert.equal(Buffer.from(image.uint8Array).toString('latin1', 1, 4), 'PNG');
    const { audio } = await generateSpeech({
      model: openai.speech(MODEL.audio),
      text: 'Hello',
      voice: 'alloy',
      outputFormat: 'wav',
      maxRetries: 0,
    });
    const written = await transcribe({ model: openai.transcription(MODEL.audio), audio: audio.uint8Array, maxRetries: 0 });
    assert.match(written.text, /simulated transcription/);
  },
  'throws what it throws for OpenAI': async () => {
    const calls = [
      [createOpenAI({ baseURL: product.api, apiKey: 'eco_wrong' }).chat(MODEL.chat), 401],
      [createOpenAI({ baseURL: product.api, apiKey: product.poorKey }).chat(MODEL.free), 402],
      [openai.chat(MODEL.unknown), 404],
      [openai.chat(MODEL.embedding), 400],
      [openai.chat(MODEL.podless), 503],
    ];
    for (const [model, status] of calls) {
      const error = await refusalOf(() => generateText({ model, prompt: 'Hello', maxRetries: 0 }));
      assert.ok(APICallError.isInstance(error));
      assert.deepEqual([error.statusCode, error.isRetryable], [status, status === 503]);
    }
    const tooMany = createOpenAI({ baseURL: product.api, apiKey: product.slowKey }).chat(MODEL.free);
    await generateText({ model: tooMany, prompt: 'Hello', maxRetries: 0 });
    const limited = await refusalOf(() => generateText({ model: tooMany, prompt: 'Hello', maxRetries: 0 }));
    assert.deepEqual([limited.statusCode, limited.isRetryable], [429, true]);
    assert.ok(Number(limited.responseHeaders['retry-after']) > 0);
    assert.ok(!RetryError.isInstance(limited));
  },
  'tries again while no pod is there': () =>
    retriesUnavailable((fetch, maxRetries) =>
      generateText({
        model: createOpenAI({ baseURL: product.api, apiKey: product.key, fetch }).chat(MODEL.podless),
        prompt: 'Hello',
        maxRetries,
      }),
    ),
});
