import fc from 'fast-check';
import { type InferenceBody, parseInferenceBody } from './parse-inference-body.js';
import { type Rewrite, rewriteBody } from './rewrite-body.js';

/** White space that JSON allows. */
const blank = fc.array(fc.constantFrom(' ', '\n', '\r', '\t'), { maxLength: 3 }).map((parts) => parts.join(''));
const ownNames = new Set(['model', 'stream', 'stream_options']);
const name = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', 'mode', 'model ', 'Model', 'messages', '\ud800'),
);
const value = fc.oneof(
  fc.json(),
  fc.constantFrom('"\\ud800"', '"\\u0022model\\u0022:\\"x\\""', '1e400', '12345678901234567890', '{"model":"inner:1"}', '[[[]]]'),
);
const member = fc
  .tuple(name, blank, blank, value, blank)
  .filter(([key]) => !ownNames.has(key))
  .map(([key, before, after, json, end]) => `${JSON.stringify(key)}${before}:${after}${json}${end}`);
const members = fc.array(member, { maxLength: 4 });

const join = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(',');

/** A short body is rewritten at once. */
function rewritten(body: InferenceBody, rewrite: Rewrite): Buffer {
  const bytes = rewriteBody(body, rewrite);
  if (!Buffer.isBuffer(bytes)) throw new Error('a body of more than one turn');
  return bytes;
}

describe('any JSON body', () => {
  it('reaches the pod with its model replaced and every other byte as it was', () => {
    const modelName = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(members, members, modelName, blank, blank, (before, after, model, space, end) => {
        const body = (told: string): string =>
          `${space}{${join(...before, `"model"${space}:${space}${JSON.stringify(told)}${end}`, ...after)}}${end}`;
        const sent = Buffer.from(body(model));
        const read = parseInferenceBody(sent);
        if (read.kind !== 'body') throw new Error(read.refusal.message);
        expect(read.body.model).toBe(model);
        expect(rewritten(read.body, { model: 'served', askForUsage: true }).toString()).toBe(
          model === 'served' ? sent.toString() : body('served'),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('that streams asks the pod for usage, and says otherwise what it said', () => {
    const options = fc.oneof(
      fc.constantFrom(undefined, null),
      fc.record({ include_usage: fc.boolean(), other: fc.jsonValue() }, { requiredKeys: [] }),
    );
    fc.assert(
      fc.property(members, members, options, (before, after, given) => {
        const asked = given === undefined ? '' : `"stream_options":${JSON.stringify(given)}`;
        const text = `{${join(...before, '"model":"a:1"', asked, '"stream":true', ...after)}}`;
        const read = parseInferenceBody(Buffer.from(text));
        if (read.kind !== 'body') throw new Error(read.refusal.message);
        const seen = JSON.parse(rewritten(read.body, { model: 'a', askForUsage: true }).toString()) as Record<string, unknown>;
        const expected = JSON.parse(text) as Record<string, unknown>;
        const said = expected['stream_options'] as Record<string, unknown> | null | undefined;
        expect(seen).toEqual({ ...expected, model: 'a', stream_options: { ...said, include_usage: true } });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('any bytes', () => {
  it('are a body only where a JSON parser reads the same model from them, and end nothing', () => {
    const whole =
      '{"model":"my-llama:1","stream":true,"messages":[{"role":"user","content":"h\\u00e9 \\" {"}],"stream_options":{}}';
    const damaged = fc
      .tuple(
        fc.nat(whole.length),
        fc.nat(5),
        fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('"', '\\', '{', '}', '[', ',', ':')),
      )
      .map(([at, remove, insert]) => Buffer.from(whole.slice(0, at) + insert + whole.slice(at + remove)));
    const random = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, random), (bytes) => {
        const read = parseInferenceBody(bytes);
        if (read.kind === 'refusal') {
          expect(read.refusal.code).toBe('invalid_request');
          return;
        }
        expect((JSON.parse(bytes.toString()) as { model: unknown }).model).toBe(read.body.model);
        const seen = JSON.parse(rewritten(read.body, { model: 'x', askForUsage: true }).toString()) as { model: unknown };
        expect(seen.model).toBe('x');
      }),
      { numRuns: 5_000 },
    );
  });

  it('of nothing but nesting are read or refused, to whatever depth', async () => {
    for (const depth of [10_000, 200_000, 499_000, 2_000_000]) {
      const bytes = Buffer.from(`{"model":"a","messages":${'['.repeat(depth)}${']'.repeat(depth)}}`);
      const read = parseInferenceBody(bytes);
      if (read.kind === 'refusal') expect(read.refusal.code).toBe('invalid_request');
      else expect(await rewriteBody(read.body, { model: 'b', askForUsage: true })).toHaveLength(bytes.length);
    }
  });
});
