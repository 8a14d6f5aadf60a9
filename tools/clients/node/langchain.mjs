import assert from 'node:assert/strict';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { z } from 'zod';
import { MODEL, product, refusalOf, runChecks } from './checks.mjs';

const configuration = { baseURL: product.api };
const chat = (options = {}) =>
  new ChatOpenAI({ model: MODEL.chat, apiKey: product.key, configuration, maxRetries: 0, ...options });
const multiply = tool(({ a, b }) => String(a * b), {
  name: 'multiply',
  description: 'Multiply two numbers',
  schema: z.object({ a: z.number(), b: z.number() }),
});
const add = tool(({ a, b }) => String(a + b), {
  name: 'add',
  description: 'Add two numbers',
  schema: z.object({ a: z.number(), b: z.number() }),
});

await runChecks({
  'invokes and streams, with the same text and the usage': async () => {
    const whole = await chat().invoke('Hello');
    let streamed;
    for await (const piece of await chat().stream('Hello')) streamed = streamed === undefined ? piece : streamed.concat(piece);
    assert.equal(streamed.text, whole.text);
    assert.deepEqual(streamed.usage_metadata.output_tokens, whole.usage_metadata.output_tokens);
  },
  'pipes a prompt into a model, in batches too': async () => {
    const chain = ChatPromptTemplate.fromMessages([
      ['system', 'You translate to {language}.'],
      ['human', '{text}'],
    ]).pipe(chat());
    const answers = await chain.batch([
      { language: 'French', text: 'hi' },
      { language: 'Italian', text: 'bye' },
    ]);
    assert.match(answers[1].text, /bye/);
  },
  'calls bound tools, several at once, and takes their results': async () => {
    const bound = chat().bindTools([multiply, add]);
    const question = new HumanMessage('Multiply 3 by 12. Also, add 11 and 49.');
    const called = await bound.invoke([question]);
    assert.deepEqual(
      called.tool_calls.map(({ name }) => name),
      ['multiply', 'add'],
    );
    const results = [];
    for (const call of called.tool_calls) results.push(await (call.name === 'add' ? add : multiply).invoke(call));
    assert.ok(results.every((result) => result instanceof ToolMessage));
    assert.match((await bound.invoke([question, called, ...results])).text, /simulated/);
  },
  'streams the calls of tools': async () => {
    let gathered;
    for await (const piece of await chat().bindTools([multiply]).stream('Multiply 3 by 12'))
      gathered = gathered === undefined ? piece : gathered.concat(piece);
    assert.deepEqual(Object.keys(gathered.tool_calls[0].args), ['a', 'b']);
  },
  'gives structured output, by schema and by a tool': async () => {
    const joke = z.object({ setup: z.string(), punchline: z.string(), rating: z.number().nullable().optional() });
    for (const method of ['jsonSchema', 'functionCalling']) {
      const answer = await chat().withStructuredOutput(joke, { name: 'joke', method }).invoke('Tell me a joke about cats');
      assert.equal(typeof answer.punchline, 'string');
    }
  },
  'uses the API of responses': async () => {
    assert.match((await chat({ useResponsesApi: true }).invoke('Hello')).text, /simulated/);
  },
  'embeds documents and queries': async () => {
    const embeddings = new OpenAIEmbeddings({ model: MODEL.embedding, apiKey: product.key, configuration, maxRetries: 0 });
    assert.deepEqual(
      (await embeddings.embedDocuments(['a', 'b'])).map(({ length }) => length),
      [384, 384],
    );
    assert.equal((await embeddings.embedQuery('a')).length, 384);
  },
  'throws what it throws for OpenAI': async () => {
    const codes = [
      [{ apiKey: 'eco_wrong' }, 401, 'MODEL_AUTHENTICATION'],
      [{ model: MODEL.unknown }, 404, 'MODEL_NOT_FOUND'],
      [{ model: MODEL.embedding }, 400, undefined],
      [{ model: MODEL.free, apiKey: product.poorKey }, 402, undefined],
      [{ model: MODEL.podless }, 503, undefined],
    ];
    for (const [options, status, code] of codes) {
      const error = await refusalOf(() => chat(options).invoke('Hello'));
      assert.deepEqual([error.status, error.lc_error_code], [status, code]);
    }
  },
});
