import { bearerToken, isApiKeyFormat, newApiKey, visiblePrefix } from './api-key.js';

const ALL_ONES = newApiKey(new Uint8Array(32).fill(255));

describe('newApiKey', () => {
  it('writes 256 bits in 43 digits and a checksum in 6, whatever the bits are', () => {
    expect(newApiKey(new Uint8Array(32))).toMatch(/^eco_0{43}[0-9A-Za-z]{6}$/);
    expect(ALL_ONES).toMatch(/^eco_[0-9A-Za-z]{49}$/);
  });

  it('never makes the same key twice', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newApiKey())).size).toBe(1_000);
  });
});

describe('isApiKeyFormat', () => {
  it('takes every key that newApiKey makes', () => {
    for (let index = 0; index < 1_000; index += 1) expect(isApiKeyFormat(newApiKey())).toBe(true);
  });

  it('refuses a key with any one character changed', () => {
    for (let index = 0; index < ALL_ONES.length; index += 1) {
      const other = ALL_ONES.charAt(index) === 'x' ? 'y' : 'x';
      expect(isApiKeyFormat(ALL_ONES.slice(0, index) + other + ALL_ONES.slice(index + 1))).toBe(false);
    }
  });

  it.each([
    '',
    'eco_',
    'eco_YOUR_KEY',
    `${ALL_ONES}0`,
    ALL_ONES.slice(0, -1),
    ` ${ALL_ONES}`,
    `${ALL_ONES.slice(0, -1)}\n`,
    ALL_ONES.toUpperCase(),
  ])('refuses %j', (text) => {
    expect(isApiKeyFormat(text)).toBe(false);
  });
});

describe('visiblePrefix', () => {
  it('shows the prefix and six characters, no more', () => {
    expect(visiblePrefix(ALL_ONES)).toBe(ALL_ONES.slice(0, 10));
  });
});

describe('bearerToken', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc ', 'abc'],
  ])('reads %j', (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });
  it.each(['', 'abc', 'Basic abc', 'Bearer', 'Bearer ', 'Bearer a b'])('refuses %j', (header) => {
    expect(bearerToken(header)).toBeUndefined();
  });
});
