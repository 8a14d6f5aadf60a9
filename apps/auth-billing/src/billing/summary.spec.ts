import { monthStart, runsOutAt } from './summary.js';

const NOW = new Date('2026-11-23T12:00:00.000Z');

describe('runsOutAt', () => {
  it('divides the balance by the last hour', () => {
    expect(runsOutAt(5_000n, 10_000n, NOW)?.toISOString()).toBe('2026-11-23T12:30:00.000Z');
  });
  it('is now where nothing is left, and never where nothing is spent', () => {
    expect(runsOutAt(-1n, 10n, NOW)).toBe(NOW);
    expect(runsOutAt(5n, 0n, NOW)).toBeNull();
  });
  it('says nothing about times that no date can hold', () => {
    expect(runsOutAt(2n ** 62n, 1n, NOW)).toBeNull();
  });
});

describe('monthStart', () => {
  it('is the first of the month in UTC', () => {
    expect(monthStart(new Date('2026-12-01T00:00:00.000Z')).toISOString()).toBe('2026-12-01T00:00:00.000Z');
    expect(monthStart(NOW).toISOString()).toBe('2026-11-01T00:00:00.000Z');
  });
});
