import { nanoUsdText, nanoUsdToUsdLiteral } from './money.js';

describe('nanoUsdToUsdLiteral', () => {
  it.each([
    [0n, '0'],
    [1n, '0.000000001'],
    [50_000_000n, '0.05'],
    [1_000_000_000n, '1'],
    [-1_500_000_000n, '-1.5'],
    [9_007_199_254_740_993n, '9007199.254740993'],
  ])('writes %s nano-USD as %s without rounding', (amount, literal) => {
    expect(nanoUsdToUsdLiteral(amount)).toBe(literal);
  });
});

describe('nanoUsdText', () => {
  it.each(['0', '1', '-1', '9223372036854775807'])('takes %s', (text) => {
    expect(nanoUsdText.safeParse(text).success).toBe(true);
  });
  it.each(['', '-0', '01', '1.5', '1e9', ' 1', '9223372036854775808', '99999999999999999999'])('refuses %j', (text) => {
    expect(nanoUsdText.safeParse(text).success).toBe(false);
  });
});
