import { durationText, durationTextShort, latencyText } from './duration.js';

describe('durations on the screen', () => {
  it.each([
    [0, '0 s'],
    [38_000, '38 s'],
    [72_000, '1 min 12 s'],
    [120_000, '2 min'],
    [100_800_000, '1 d 4 h'],
    [212_400_000, '2 d 11 h'],
    [45.5 * 86_400_000, '45 d'],
    [3_648.5 * 86_400_000, '9 years'],
    [-5, '0 s'],
  ])('tells %d ms as %s', (ms, expected) => {
    expect(durationText(ms)).toBe(expected);
  });

  it('tells the largest unit alone where room is short', () => {
    expect(durationTextShort(212_400_000)).toBe('2 d');
  });

  it('tells latencies with three digits', () => {
    expect([184.4, 1_240, 72_000].map(latencyText)).toEqual(['184 ms', '1.24 s', '72.0 s']);
  });
});
