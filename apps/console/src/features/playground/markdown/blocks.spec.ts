import fc from 'fast-check';
import { type Block, BlockSplitter } from './blocks.js';

function split(text: string): readonly Block[] {
  return new BlockSplitter().update(text, true);
}

function textOf(blocks: readonly Block[]): string {
  return blocks.map((block) => (block.kind === 'fence' ? block.chunks.join('\n') : block.raw)).join('|');
}

describe('an answer in blocks', () => {
  it('is told apart into texts and fences', () => {
    const blocks = split('Hello\n\n```python\nimport x\nprint(x)\n```\n\nBye');
    expect(blocks.map(({ kind }) => kind)).toEqual(['text', 'fence', 'text']);
    expect(blocks[1]).toEqual({ kind: 'fence', language: 'python', chunks: ['import x\nprint(x)'], open: false });
  });

  it('keeps an open fence open, in chunks that do not change', () => {
    const splitter = new BlockSplitter();
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}`).join('\n');
    const [first] = splitter.update(`\`\`\`\n${lines.slice(0, 1_200)}`, false);
    const [second] = splitter.update(`\`\`\`\n${lines}`, false);
    expect(first?.kind === 'fence' && second?.kind === 'fence' && second.chunks[0] === first.chunks[0]).toBe(true);
    expect(second).toMatchObject({ kind: 'fence', open: true });
    expect(textOf(second === undefined ? [] : [second]).split(/[|\n]/)).toHaveLength(200);
  });

  it('is the same however it was cut into pieces on the way', () => {
    const answer =
      '# Title\n\nSome *text* with `code`.\n\n- one\n- two\n\n```ts\nconst a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd.';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: answer.length }), { maxLength: 12 }), (cuts) => {
        const splitter = new BlockSplitter();
        for (const cut of [...cuts].sort((left, right) => left - right)) splitter.update(answer.slice(0, cut), false);
        expect(textOf(splitter.update(answer, true))).toBe(textOf(split(answer)));
      }),
    );
  });

  it.each([
    ['10,000 nested lists', `${'- '.repeat(10_000)}deep`],
    ['10,000 nested quotes', `${'>'.repeat(10_000)}deep`],
    [
      'lists nested by indentation',
      Array.from({ length: 10_000 }, (_, depth) => `${' '.repeat(depth * 2)}- x`)
        .join('\n')
        .slice(0, 500_000),
    ],
    ['100,000 open brackets', '['.repeat(100_000)],
    ['100,000 stars', '*a'.repeat(100_000)],
  ])('shows %s as plain text, at once', (_, hostile) => {
    const startedAt = performance.now();
    const blocks = split(hostile);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(blocks.every(({ kind }) => kind === 'plain' || kind === 'text')).toBe(true);
    expect(blocks.some(({ kind }) => kind === 'plain')).toBe(true);
  });
});
