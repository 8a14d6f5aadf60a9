import fc from 'fast-check';
import { HeaderRule, headerValue, headerValues } from './headers.js';

const isDropped = (name: string): boolean => name === 'cookie' || name.startsWith('x-ours-');

const name = fc.constantFrom(
  'Accept',
  'accept',
  'Cookie',
  'COOKIE',
  'X-Ours-A',
  'TE',
  'Connection',
  'x-a',
  'X-A',
  'x'.repeat(100),
);
const value = fc.constantFrom('keep-alive', 'close, X-A', 'x-A,accept', 'v', '');
const headers = fc.array(fc.tuple(name, value), { maxLength: 80 }).map((pairs) => pairs.flat());

describe('HeaderRule', () => {
  it('decides of headers alike whatever it has seen before', () => {
    fc.assert(
      fc.property(fc.array(headers, { minLength: 1, maxLength: 6 }), (many) => {
        const rule = new HeaderRule(isDropped);
        for (const one of many) expect(rule.forwardable(one)).toEqual(new HeaderRule(isDropped).forwardable(one));
      }),
    );
  });

  it('keeps order, spelling and duplicates, and leaves out what is refused or bound to the connection', () => {
    const raw = [
      'Accept',
      'a',
      'Cookie',
      'c',
      'x-b',
      '1',
      'Connection',
      'close, X-Bound',
      'accept',
      'b',
      'X-BOUND',
      '2',
      'te',
      't',
    ];
    expect(new HeaderRule(isDropped).forwardable(raw)).toEqual(['Accept', 'a', 'x-b', '1', 'accept', 'b']);
  });
});

it('finds the first value of a name, or all of them', () => {
  const raw = ['Expect', 'a', 'expects', 'b', 'EXPECT', 'c'];
  expect([headerValue(raw, 'expect'), headerValues(raw, 'expect')]).toEqual(['a', ['a', 'c']]);
  expect([headerValue(raw, 'none'), headerValues(raw, 'none')]).toEqual([undefined, []]);
});
