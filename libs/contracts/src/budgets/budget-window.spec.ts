import fc from 'fast-check';
import { type BudgetPeriod, budgetPeriod } from './budget.js';
import { budgetWindow, localDate } from './budget-window.js';

const QUARTER_MS = 15 * 60_000;
const HOUR_MS = 60 * 60_000;
const ZONES = [
  'UTC',
  'Pacific/Auckland',
  'Asia/Kathmandu',
  'America/Los_Angeles',
  'America/Havana',
  'Pacific/Apia',
  'Asia/Beirut',
];

const moment = fc.date({ min: new Date('2010-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
const dayOf = (zone: string, at: Date): string => Object.values(localDate(zone, at)).join('-');
const endOf = (period: BudgetPeriod, zone: string, at: Date): Date => budgetWindow(period, zone, at).endsAt ?? new Date(8.64e15);

describe('budgetWindow', () => {
  it.each([
    ['Pacific/Auckland', '2026-09-27T12:00:00Z', '2026-09-27T11:00:00.000Z', 24],
    // Clocks go forward on 27 September 2026 at 02:00 and back on 5 April at 03:00.
    ['Pacific/Auckland', '2026-09-26T20:00:00Z', '2026-09-26T12:00:00.000Z', 23],
    ['Pacific/Auckland', '2026-04-04T20:00:00Z', '2026-04-04T11:00:00.000Z', 25],
    ['Asia/Kathmandu', '2026-06-01T00:00:00Z', '2026-05-31T18:15:00.000Z', 24],
    ['America/Los_Angeles', '2026-03-08T20:00:00Z', '2026-03-08T08:00:00.000Z', 23],
    ['America/Los_Angeles', '2026-11-01T20:00:00Z', '2026-11-01T07:00:00.000Z', 25],
  ])('of a day in %s around %s starts at %s and lasts %d hours', (zone, at, startedAt, hours) => {
    const window = budgetWindow('day', zone, new Date(at));
    expect(window.startedAt.toISOString()).toBe(startedAt);
    expect((Number(window.endsAt) - window.startedAt.getTime()) / HOUR_MS).toBe(hours);
  });

  it('of a week begins on Monday, of a month on the first', () => {
    expect(budgetWindow('week', 'UTC', new Date('2026-11-29T23:59:59Z')).startedAt.toISOString()).toBe(
      '2026-11-23T00:00:00.000Z',
    );
    expect(budgetWindow('month', 'Asia/Kathmandu', new Date('2026-11-30T18:15:00Z')).startedAt.toISOString()).toBe(
      '2026-11-30T18:15:00.000Z',
    );
    expect(budgetWindow('lifetime', 'UTC', new Date())).toEqual({ startedAt: new Date(0), endsAt: null });
  });

  it('holds its moment, follows the one before without a gap, and is cut where the local day changes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.constantFrom(...budgetPeriod.options.slice(0, 3)), moment, (zone, period, at) => {
        const { startedAt } = budgetWindow(period, zone, at);
        const endsAt = endOf(period, zone, at);
        expect(startedAt.getTime()).toBeLessThanOrEqual(at.getTime());
        expect(endsAt.getTime()).toBeGreaterThan(at.getTime());
        expect(endOf(period, zone, new Date(startedAt.getTime() - 1))).toEqual(startedAt);
        expect(budgetWindow(period, zone, endsAt).startedAt).toEqual(endsAt);
        expect([startedAt.getTime() % QUARTER_MS, endsAt.getTime() % QUARTER_MS]).toEqual([0, 0]);
        expect(dayOf(zone, new Date(endsAt.getTime() - 1))).not.toBe(dayOf(zone, endsAt));
      }),
      { numRuns: 300 },
    );
  });
});
