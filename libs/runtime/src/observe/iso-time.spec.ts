import fc from 'fast-check';
import { isoTime } from './iso-time.js';

const YEAR_0_MS = Date.parse('0000-01-01T00:00:00.000Z');
const YEAR_10000_MS = Date.parse('+010000-01-01T00:00:00.000Z');

describe('isoTime', () => {
  it('is what Date makes of any time with a year of four digits', () => {
    const time = fc.integer({ min: YEAR_0_MS, max: YEAR_10000_MS - 3_001 });
    fc.assert(
      fc.property(time, fc.nat(3_000), (ms, more) => {
        for (const each of [ms, ms + more]) expect(isoTime(each)).toBe(new Date(each).toISOString());
      }),
      {
        examples: [
          [-1, 1],
          [0, 999],
          [-999, 0],
        ],
      },
    );
  });
});
