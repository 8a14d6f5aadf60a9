import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { MODEL, product, refusalOf, retriesUnavailable, runChecks, waitsOutItsLimit } from './checks.mjs';

const client = (options = {}) => new Anthropic({ apiKey: product.key, baseURL: product.url, maxRetries: 0, ...options });
const ask = { model: MODEL.chat, max_tokens: 2_000, messages: [{ role: 'user', content: 'What is the weather in Paris?' }] };
const tools = [
  { name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
];

await runChecks({
  'chats, whole and streamed by its helper': async () => {
    const whole = await client().messages.create({ ...ask, system: 'Be brief' });
    const pieces = [];
    const stream = client()
      .messages.stream({ ...ask, system: 'Be brief' })
      .on('text', (text) => pieces.push(text));
    const streamed = await stream.finalMessage();
    assert.equal(pieces.join(''), whole.content[0].text);
    assert.deepEqual(streamed.content, whole.content);
    assert.equal(streamed.usage.output_tokens, whole.usage.output_tokens);
  },
  'counts tokens': async () => {
    const { input_tokens: tokens } = await client().messages.countTokens({ model: ask.model, messages: ask.messages });
    assert.equal(tokens, (await client().messages.create(ask)).usage.input_tokens);
  },
  'calls a tool and gives back its result': async () => {
    const first = await client()
      .messages.stream({ ...ask, tools })
      .finalMessage();
    const [call] = first.content;
    assert.deepEqual([first.stop_reason, call.name], ['tool_use', 'get_weather']);
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }] };
    const turns = [...ask.messages, { role: 'assistant', content: first.content }, result];
    const second = await client().messages.create({ ...ask, tools, messages: turns });
    assert.equal(second.stop_reason, 'end_turn');
  },
  'thinks first where it is asked to': async () => {
    const streamed = await client()
      .messages.stream({ ...ask, thinking: { type: 'enabled', budget_tokens: 1_024 } })
      .finalMessage();
    assert.deepEqual(
      streamed.content.map(({ type }) => type),
      ['thinking', 'text'],
    );
  },
  'throws its own types': async () => {
    const broke = (changes, key = product.key) =>
      refusalOf(() => client({ apiKey: key }).messages.create({ ...ask, ...changes }));
    assert.ok((await broke({}, 'eco_wrong')) instanceof Anthropic.AuthenticationError);
    assert.equal((await broke({ model: MODEL.free }, product.poorKey)).status, 402);
    assert.ok((await broke({ model: MODEL.unknown })) instanceof Anthropic.NotFoundError);
    assert.ok((await broke({ model: MODEL.embedding })) instanceof Anthropic.BadRequestError);
    assert.ok((await broke({ model: MODEL.podless })) instanceof Anthropic.InternalServerError);
  },
  'waits out its limit': () =>
    waitsOutItsLimit((fetch, maxRetries) =>
      client({ apiKey: product.slowKey, fetch, maxRetries }).messages.create({ ...ask, model: MODEL.free }),
    ),
  'tries again while no pod is there': () =>
    retriesUnavailable((fetch, maxRetries) => client({ fetch, maxRetries }).messages.create({ ...ask, model: MODEL.podless })),
});
