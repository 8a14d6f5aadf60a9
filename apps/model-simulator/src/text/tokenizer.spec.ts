import fc from 'fast-check';
import { countTokens, splitTokens } from './tokenizer.js';

describe('tokenizer', () => {
  it('loses nothing: the pieces of any text, joined, are the text, and the count is their number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.lorem()), (text) => {
        const pieces = splitTokens(text);
        expect(pieces.join('')).toBe(text);
        expect(countTokens(text)).toBe(pieces.length);
        expect(pieces.every((piece) => piece !== '')).toBe(true);
      }),
    );
  });

  it.each([
    ['', []],
    ['Hello', ['Hell', 'o']],
    ['Hello world!', ['Hell', 'o', ' worl', 'd', '!']],
    ['12345', ['1234', '5']],
    ['a\n\n b', ['a', '\n\n ', 'b']],
    ['héllo 🙂🙂', ['héll', 'o', ' 🙂', '🙂']],
    ['𝒜𝒜𝒜𝒜𝒜', ['𝒜𝒜𝒜𝒜', '𝒜']],
  ])('splits %j', (text, pieces) => {
    expect(splitTokens(text)).toEqual(pieces);
  });

  it('stops at the number of pieces asked for', () => {
    expect(splitTokens('a b c d', 2)).toEqual(['a', ' b']);
  });
});
