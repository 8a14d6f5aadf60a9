import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { MODEL, product, refusalOf, retriesUnavailable, runChecks, waitsOutItsLimit } from './checks.mjs';

const client = (options = {}) => new OpenAI({ apiKey: product.key, baseURL: product.api, maxRetries: 0, ...options });
const messages = [{ role: 'user', content: 'What is the weather in Paris?' }];
const shape = z.object({ city: z.string(), degrees: z.number() });

await runChecks({
  'runs tools until the model answers in words': async () => {
    const asked = [];
    const tool = {
      type: 'function',
      function: {
        name: 'get_weather',
        parse: JSON.parse,
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
        function: ({ city }) => asked.push(city) && 'sunny',
      },
    };
    const runner = client().chat.completions.runTools({ model: MODEL.chat, messages, tools: [tool] });
    assert.match(await runner.finalContent(), /simulated/);
    assert.equal(asked.length, 1);
  },
  'parses an answer into the type that was asked for, streamed too': async () => {
    const ask = { model: MODEL.chat, messages, response_format: zodResponseFormat(shape, 'weather') };
    const whole = await client().chat.completions.parse(ask);
    assert.equal(typeof whole.choices[0].message.parsed.degrees, 'number');
    const streamed = await client().chat.completions.stream(ask).finalChatCompletion();
    assert.deepEqual(streamed.choices[0].message.parsed, whole.choices[0].message.parsed);
  },
  'takes several choices, stops where told, and reads log probabilities': async () => {
    const ask = { model: MODEL.chat, messages: [{ role: 'user', content: 'Count to 9' }], stop: ['7'], n: 2, logprobs: true };
    const { choices } = await client().chat.completions.create(ask);
    assert.equal(choices.length, 2);
    for (const { message, logprobs, finish_reason: reason } of choices) {
      assert.match(message.content, /5, 6, $/);
      assert.equal(logprobs.content.map(({ token }) => token).join(''), message.content);
      assert.equal(reason, 'stop');
    }
  },
  'embeds in the form that was asked for: base64 goes to the pod as it is': async () => {
    const ask = { model: MODEL.embedding, input: ['a', 'b'] };
    const floats = await client().embeddings.create({ ...ask, encoding_format: 'float' });
    const encoded = await client().embeddings.create({ ...ask, encoding_format: 'base64' });
    assert.equal(typeof encoded.data[0].embedding, 'string');
    const decoded = new Float32Array(Uint8Array.from(Buffer.from(encoded.data[0].embedding, 'base64')).buffer);
    assert.equal(decoded.length, floats.data[0].embedding.length);
  },
  'uploads a file and streams what is written of it': async () => {
    const spoken = await client().audio.speech.create({
      model: MODEL.audio,
      voice: 'alloy',
      input: 'Hello',
      response_format: 'wav',
    });
    const file = await toFile(Buffer.from(await spoken.arrayBuffer()), 'hello.wav');
    const stream = await client().audio.transcriptions.create({ model: MODEL.audio, file, stream: true });
    let last;
    for await (const event of stream) last = event;
    assert.equal(last.type, 'transcript.text.done');
  },
  'is told that a stored response is not there': async () => {
    const error = await refusalOf(() => client().responses.retrieve('resp_1'));
    assert.ok(error instanceof OpenAI.NotFoundError);
  },
  'waits out its limit': () =>
    waitsOutItsLimit((fetch, maxRetries) =>
      client({ apiKey: product.slowKey, fetch, maxRetries }).chat.completions.create({ model: MODEL.free, messages }),
    ),
  'tries again while no pod is there': () =>
    retriesUnavailable((fetch, maxRetries) =>
      client({ fetch, maxRetries }).chat.completions.create({ model: MODEL.podless, messages }),
    ),
});
