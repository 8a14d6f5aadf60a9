import { parseInferenceBody, type InferenceBody } from './parse-inference-body.js';

function parse(body: string | Record<string, unknown>): InferenceBody {
  const text = typeof body === 'string' ? body : JSON.stringify({ model: 'a', ...body });
  const result = parseInferenceBody(Buffer.from(text));
  if (result.kind === 'refusal') throw new Error(result.refusal.message);
  return result.body;
}

const promptTokens = (body: Record<string, unknown>): number => parse(body).promptTokens;
const TWENTY_KB = 'x'.repeat(20_000);

describe('the prompt of a call without a count of its pod', () => {
  it('is four bytes a token of messages, parts, prompts and inputs, together and rounded up', () => {
    expect(promptTokens({ messages: [{ role: 'user', content: 'häh' }, { content: [{ type: 'text', text: 'abcde' }] }] })).toBe(
      3,
    );
    expect(promptTokens({ prompt: ['ab', 'c'] })).toBe(1);
    expect(promptTokens({ input: [[1, 2, 3], [4]] })).toBe(4);
    expect(promptTokens({ system: [{ type: 'text', text: 'abcd' }], messages: [] })).toBe(1);
  });

  it.each([
    ['tools', { tools: [{ type: 'function', function: { name: 'f', description: TWENTY_KB } }] }],
    ['names in a tool’s schema', { tools: [{ type: 'function', function: { name: 'f', parameters: { [TWENTY_KB]: {} } } }] }],
    ['functions', { functions: [{ name: 'f', description: TWENTY_KB }] }],
    [
      'tool calls',
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: TWENTY_KB } }] }] },
    ],
    ['a tool’s answer', { messages: [{ role: 'tool', tool_call_id: 'c', content: TWENTY_KB }] }],
    ['reasoning', { messages: [{ role: 'assistant', reasoning_content: TWENTY_KB }] }],
    ['a response format', { response_format: { type: 'json_schema', json_schema: { schema: { description: TWENTY_KB } } } }],
    ['a system prompt', { system: TWENTY_KB }],
    ['instructions', { instructions: TWENTY_KB, input: 'x' }],
    ['text beside an image', { messages: [{ content: [{ type: 'image_url', image_url: { url: 'u' }, text: TWENTY_KB }] }] }],
  ])('counts %s', (_what, body) => {
    expect(promptTokens(body)).toBeGreaterThanOrEqual(5_000);
    expect(promptTokens(body)).toBeLessThan(6_100);
  });

  it('counts 1,000 for an image, however long its encoding is', () => {
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${TWENTY_KB}` } };
    expect(promptTokens({ messages: [{ role: 'user', content: [image, { type: 'text', text: 'abcd' }, image] }] })).toBe(2_001);
    expect(promptTokens({ messages: [{ content: [{ image_url: image.image_url }] }] })).toBe(1_000);
    expect(parse({ messages: [{ content: [image] }] }).hasMedia).toBe(true);
  });

  it('is counted whatever the nesting', () => {
    const deep = `{"model":"a","messages":${'['.repeat(5_000)}"abcd"${']'.repeat(5_000)}}`;
    expect(parse(deep).promptTokens).toBe(1);
  });
});

describe('the limits of a call', () => {
  it.each([
    [{ max_tokens: 100_000, max_completion_tokens: 1 }, 100_000],
    [{ max_tokens: 1, max_completion_tokens: 7 }, 7],
    [{ max_output_tokens: 3, n_predict: 9 }, 9],
    [{ max_tokens: '500' }, 500],
    [{ max_tokens: ' 500.0 ', n_predict: -1 }, 500],
    [{ max_tokens: 1e15 }, 1e15],
    [{ max_tokens: -1 }, undefined],
    [{ max_tokens: 0 }, undefined],
    [{ max_tokens: 10.5 }, undefined],
    [{ max_tokens: null, max_completion_tokens: 'many' }, undefined],
    [{ max_tokens: true }, undefined],
    [{}, undefined],
  ])('on output are the largest of %j', (body, expected) => {
    expect(parse(body).limits.outputTokensMax).toBe(expected);
  });

  it('count with their largest value where a body names them several times', () => {
    expect(parse('{"model":"a","max_tokens":900,"max_tokens":1}').limits.outputTokensMax).toBe(900);
    expect(parse('{"model":"a","n":5,"\\u006e":1}').limits.answers).toBe(5n);
    expect(parse('{"model":"a","prompt":["ä","b","c"],"prompt":"x"}').limits.prompts).toBe(3);
  });

  it.each([
    [{ n: 3 }, 1, 3n],
    [{ n: 2, best_of: 5 }, 1, 5n],
    [{ n: '4' }, 1, 4n],
    [{ n: 0, best_of: -3 }, 1, 1n],
    [{ prompt: ['a', 'b', 'c'], n: 2 }, 3, 6n],
    [{ prompt: [1, 2, 3] }, 1, 1n],
    [{ prompt: [[1, 2], [3]] }, 2, 2n],
    [{ input: ['a', 'b'] }, 2, 2n],
    [
      {
        input: [
          { role: 'user', content: 'x' },
          { role: 'user', content: 'y' },
        ],
      },
      1,
      1n,
    ],
    [{ n: 1e20 }, 1, 100_000_000_000_000_000_000n],
  ])('count prompts and answers of %j', (body, prompts, answers) => {
    expect(parse(body).limits).toMatchObject({ prompts, answers });
  });
});
