// Clients before a chat model and an embedding model with real weights. What such a model says is never judged, only that all of it comes,
// is counted, and that near sentences lie nearer than far ones.
import assert from 'node:assert/strict';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { OpenAIEmbeddings, ChatOpenAI } from '@langchain/openai';
import { cosineSimilarity, embedMany, generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { product, runChecks } from './checks.mjs';

const { ECOLINK_CHAT: CHAT, ECOLINK_EMBEDDING: EMBEDDING } = process.env;
const QUESTION = 'What is the capital of France?';
const TOKENS = 12;
const SENTENCES = ['A cat sleeps on the sofa.', 'The kitten naps on the couch.', 'Our quarterly revenue fell.'];

const client = new OpenAI({ baseURL: product.api, apiKey: product.key, maxRetries: 0 });
const openai = createOpenAI({ baseURL: product.api, apiKey: product.key });
const compatible = createOpenAICompatible({ name: 'ecolink', baseURL: product.api, apiKey: product.key, includeUsage: true });
const langchain = { apiKey: product.key, configuration: { baseURL: product.api }, maxRetries: 0 };

function meansTheSame([cat, kitten, revenue], dimensions = 512) {
  assert.equal(cat.length, dimensions);
  const near = cosineSimilarity([...cat], [...kitten]);
  const far = cosineSimilarity([...cat], [...revenue]);
  assert.ok(near > far + 0.2, `${near} is not nearer than ${far}`);
}

await runChecks({
  'openai: chats whole and streamed, with the same text and count': async () => {
    const call = { model: CHAT, messages: [{ role: 'user', content: QUESTION }], max_completion_tokens: TOKENS };
    const whole = await client.chat.completions.create(call);
    const stream = client.chat.completions.stream({ ...call, stream_options: { include_usage: true } });
    const streamed = await stream.finalChatCompletion();
    assert.notEqual(whole.choices[0].message.content, '');
    assert.equal(streamed.choices[0].message.content, whole.choices[0].message.content);
    assert.deepEqual(streamed.usage, whole.usage);
  },
  'openai: completes': async () => {
    const { choices, usage } = await client.completions.create({ model: CHAT, prompt: 'Once upon a time', max_tokens: TOKENS });
    assert.notEqual(choices[0].text, '');
    assert.ok(usage.completion_tokens <= TOKENS);
  },
  'openai: embeds, packed as it asks by itself, and as numbers': async () => {
    const packed = await client.embeddings.create({ model: EMBEDDING, input: SENTENCES });
    meansTheSame(packed.data.map(({ embedding }) => embedding));
    const numbers = await client.embeddings.create({ model: EMBEDDING, input: SENTENCES, encoding_format: 'float' });
    numbers.data[0].embedding.forEach((value, index) => assert.ok(Math.abs(value - packed.data[0].embedding[index]) < 1e-6));
    assert.deepEqual(numbers.usage, packed.usage);
  },
  'langchain: invokes and streams, with the same text': async () => {
    const chat = new ChatOpenAI({ ...langchain, model: CHAT, maxTokens: TOKENS });
    const whole = await chat.invoke(QUESTION);
    let streamed;
    for await (const piece of await chat.stream(QUESTION)) streamed = streamed === undefined ? piece : streamed.concat(piece);
    assert.equal(streamed.text, whole.text);
    assert.ok(whole.usage_metadata.output_tokens <= TOKENS);
  },
  'langchain: embeds': async () => {
    meansTheSame(await new OpenAIEmbeddings({ ...langchain, model: EMBEDDING }).embedDocuments(SENTENCES));
  },
  'ai-sdk: generates and streams by both of its providers, with the same text': async () => {
    for (const model of [openai.chat(CHAT), compatible(CHAT)]) {
      const whole = await generateText({ model, prompt: QUESTION, maxOutputTokens: TOKENS, maxRetries: 0 });
      const stream = streamText({ model, prompt: QUESTION, maxOutputTokens: TOKENS, maxRetries: 0 });
      let text = '';
      for await (const piece of stream.textStream) text += piece;
      assert.equal(text, whole.text);
      assert.equal((await stream.usage).outputTokens, whole.usage.outputTokens);
    }
  },
  'ai-sdk: embeds': async () => {
    const { embeddings } = await embedMany({ model: openai.embedding(EMBEDDING), values: SENTENCES, maxRetries: 0 });
    meansTheSame(embeddings);
  },
});
