import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { type CodeRequest, codeSamples, curl, pythonValue } from './snippets.js';

const origin = 'https://ai.example.com';
const request: CodeRequest = {
  path: '/chat/completions',
  body: {
    model: 'my-llama:142',
    messages: [{ role: 'user', content: `it's "quoted"\nand $HOME \`id\` \\ end` }],
    temperature: 0.4,
  },
  sdk: { python: 'chat.completions.create', typescript: 'chat.completions.create' },
  answer: 'stream',
};

describe('the code of a request', () => {
  it('is there for Python, TypeScript and curl, and never holds a key', () => {
    const samples = codeSamples(request, origin);
    expect(samples.map(({ label }) => label)).toEqual(['Python', 'TypeScript', 'curl']);
    for (const { code } of samples) {
      expect(code).toContain('ECOLINK_API_KEY');
      expect(code).toContain(`${origin}/v1`);
      expect(code).not.toMatch(/eco_/);
    }
  });

  it('gives curl exactly the body, whatever a shell would make of it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0')),
        (content) => {
          const command = curl({ ...request, body: { content }, answer: 'json' }, origin).replace(/^curl/, 'printf "%s\\n" --');
          const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8', env: { ECOLINK_API_KEY: 'k' } });
          expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toEqual({
            content: content.toWellFormed() === content ? content : expect.anything(),
          });
        },
      ),
      { numRuns: 15 },
    );
  });

  it('writes values as Python has them', () => {
    expect(pythonValue({ a: true, b: null, c: [1, 'x'] }, 0)).toBe(
      '{\n    "a": True,\n    "b": None,\n    "c": [\n        1,\n        "x",\n    ],\n}',
    );
  });
});
