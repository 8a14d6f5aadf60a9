import fc from 'fast-check';
import { dollarsOf, isCount, parseSignedDollars, required } from './values.js';

describe('values of forms', () => {
  it('read back as the amount that was put in', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -999_999_999_999_999_999n, max: 999_999_999_999_999_999n }), (amount) => {
        expect(parseSignedDollars(dollarsOf(String(amount)))).toBe(amount);
      }),
    );
  });

  it('take a minus before the dollars, and no other text', () => {
    expect(parseSignedDollars('-12.5')).toBe(-12_500_000_000n);
    expect(parseSignedDollars('−1')).toBe(-1_000_000_000n);
    for (const typed of ['', '-', '--1', '1e3']) expect(parseSignedDollars(typed)).toBeUndefined();
  });

  it('leave an absent amount empty', () => {
    expect(dollarsOf(undefined)).toBe('');
    expect(dollarsOf('250000000')).toBe('0.25');
  });

  it('are missing when they are blank', () => {
    expect(Object.keys(required({ name: ' ', reason: 'x' }, ['name', 'reason']))).toEqual(['name']);
    expect([isCount('12'), isCount('1.5'), isCount('')]).toEqual([true, false, false]);
  });
});
