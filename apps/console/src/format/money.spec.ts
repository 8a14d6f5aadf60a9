import fc from 'fast-check';
import { moneyParts, moneyText, parseDollars } from './money.js';

describe('money on the screen', () => {
  it('shows two decimals and mutes what is beyond', () => {
    expect(moneyParts(41_274_335_150n)).toEqual({ sign: '', main: '$41.27', rest: '433515' });
  });

  it('shows less than a cent whole', () => {
    expect(moneyText(155_150n)).toBe('$0.00015515');
    expect(moneyText(1n)).toBe('$0.000000001');
  });

  it('drops trailing zeros, separates thousands and has a true minus', () => {
    expect(moneyText(0n)).toBe('$0.00');
    expect(moneyText(1_234_567_500_000_000n)).toBe('$1,234,567.50');
    expect(moneyText(-19_200_000_000n)).toBe('−$19.20');
    expect(moneyText(5_000_000_000n, { withPlus: true })).toBe('+$5.00');
  });

  it('never loses a nano-dollar: what is shown reads back as the amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n }), (amount) => {
        expect(parseDollars(moneyText(amount).replaceAll(',', ''))).toBe(amount);
      }),
    );
  });

  it('refuses what is no amount', () => {
    for (const typed of ['', 'abc', '1.2.3', '-5', '1e9', '0x10']) expect(parseDollars(typed)).toBeUndefined();
  });
});
