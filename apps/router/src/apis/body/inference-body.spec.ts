import { parseInferenceBody, type InferenceBody } from './parse-inference-body.js';
import { type Rewrite, rewriteBody } from './rewrite-body.js';

function parse(text: string): InferenceBody {
  const result = parseInferenceBody(Buffer.from(text));
  if (result.kind === 'refusal') throw new Error(result.refusal.message);
  return result.body;
}

/** A short body is rewritten at once. */
function rewritten(body: InferenceBody, rewrite: Rewrite): Buffer {
  const bytes = rewriteBody(body, rewrite);
  if (!Buffer.isBuffer(bytes)) throw new Error('a body of more than one turn');
  return bytes;
}

function refusal(text: string): string | undefined {
  const result = parseInferenceBody(Buffer.from(text));
  return result.kind === 'refusal' ? result.refusal.code : undefined;
}

describe('parseInferenceBody', () => {
  it.each([
    '',
    'null',
    '[]',
    '"x"',
    '{',
    '{"messages":[]}',
    '{"model":1}',
    '{"model":""}',
    '{"model":null}',
    '{"model":"a",}',
    '{"model":"a"} x',
    '{"model":"a","model":"b"}',
    '{"mo\\u0064el":"a","model":"b"}',
    '{"model":"a","stream":"yes"}',
    '\uFEFF{"model":"a"}',
    '{"model":"a","stream":true,"stream":false}',
    '{"__proto__":{"model":"a"}}',
    '['.repeat(200_000),
  ])('refuses %.40s with a clear 400', (text) => {
    expect(refusal(text)).toBe('invalid_request');
  });

  it('is not misled by a model inside a nested value or a string', () => {
    const body = parse('{"metadata":{"model":"wrong"},"note":"\\"model\\":\\"wrong\\"\\\\","model":"my-llama:142"}');
    expect(body.model).toBe('my-llama:142');
    expect(rewritten(body, { model: 'x', askForUsage: false }).toString()).toBe(
      '{"metadata":{"model":"wrong"},"note":"\\"model\\":\\"wrong\\"\\\\","model":"x"}',
    );
  });

  it('reads a model whose name is escaped', () => {
    const body = parse('{"mo\\u0064el":"a:1"}');
    expect(rewritten(body, { model: 'a', askForUsage: false }).toString()).toBe('{"mo\\u0064el":"a"}');
  });
});

describe('a body of very many values', () => {
  const MILLION = 1_000_000;

  it.each([
    ['brackets', `${'['.repeat(MILLION)}${']'.repeat(MILLION)}`],
    ['empty objects', `[${'{},'.repeat(MILLION)}1]`],
    ['numbers', `[${'1,'.repeat(MILLION)}1]`],
    ['names', `{${'"a":1,'.repeat(MILLION / 2)}"b":1}`],
    ['brackets behind a string that ends in an escape', `["\\\\",${'['.repeat(MILLION)}`],
    ['escaped quotes', `"${'\\"'.repeat(MILLION)}"`],
  ])('is refused before it is parsed: %s', (_what, value) => {
    expect(refusal(`{"model":"a","x":${value}}`)).toBe('invalid_request');
  });

  it('is no body with a very long string, whatever that holds', () => {
    expect(parse(`{"model":"a","prompt":"${'[{,:\\\\ '.repeat(MILLION)}"}`).model).toBe('a');
    expect(parse(`{"model":"a","prompt":"${'a quote is \\" '.repeat(400_000)}"}`).model).toBe('a');
    expect(parse(`{"model":"a","input":[${'1,'.repeat(300_000)}1]}`).promptTokens).toBe(300_001);
  });
});

describe('rewriteBody', () => {
  const rewrite = (text: string): string => rewritten(parse(text), { model: 'm', askForUsage: true }).toString();

  it('keeps every other byte: white space, order, numbers, escapes', () => {
    const text = '{ "big": 12345678901234567890, "t":1.0,\n"model" :\t"a:1" , "s":"\\u00e4\\/" ,"stream":true}';
    expect(rewrite(text)).toBe(
      '{"stream_options":{"include_usage":true}, "big": 12345678901234567890, "t":1.0,\n"model" :\t"m" , "s":"\\u00e4\\/" ,"stream":true}',
    );
  });

  it('asks for usage only in streams, and only where the client did not', () => {
    expect(rewrite('{"model":"a"}')).toBe('{"model":"m"}');
    expect(rewrite('{"model":"a","stream":true,"stream_options":{"include_usage":true}}')).toBe(
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
    );
    expect(rewrite('{"model":"a","stream":true,"stream_options":null}')).toContain('"stream_options":{"include_usage":true}');
    expect(rewrite('{"model":"a","stream":true,"stream_options":{}}')).toContain('"stream_options":{"include_usage":true}');
    expect(rewrite('{"model":"a","stream":true,"stream_options":{"include_usage":false,"x":[1]}}')).toContain(
      '{"include_usage":true,"x":[1]}',
    );
    expect(rewrite('{"model":"a","stream":true,"stream_options":{"x":[1]}}')).toContain('{"include_usage":true,"x":[1]}');
  });

  it('leaves a stream_options that is no object for the pod to refuse', () => {
    expect(rewrite('{"model":"a","stream":true,"stream_options":7}')).toBe('{"model":"m","stream":true,"stream_options":7}');
  });

  it.each([
    ['a long string', { messages: [{ content: '\n'.repeat(2_000_000) }] }],
    ['long stream options', { stream_options: { x: '\n'.repeat(2_000_000) }, messages: [] }],
  ])('takes several turns for %s', async (_what, members) => {
    const body = parse(JSON.stringify({ model: 'a', stream: true, ...members }));
    const bytes = rewriteBody(body, { model: 'm', askForUsage: true });
    expect(bytes).toBeInstanceOf(Promise);
    const options = { ...('stream_options' in members ? members.stream_options : {}), include_usage: true };
    expect(JSON.parse((await bytes).toString())).toEqual({ model: 'm', stream: true, ...members, stream_options: options });
  });

  it('returns the very same bytes when nothing changes', () => {
    const body = parse('{"model":"m"}');
    expect(rewriteBody(body, { model: 'm', askForUsage: false })).toBe(body.bytes);
  });
});
