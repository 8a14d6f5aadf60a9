import { billingSummaryOf, runsOutAt } from './summary.js';

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

describe('billingSummaryOf', () => {
  it('counts GPU hours into the month and the burn rate, and lets what is held be spent before the balance runs out', () => {
    const summary = billingSummaryOf(
      {
        balanceNanoUsd: 600n,
        month: { calls: 3n, tokens: 40n, costNanoUsd: 100n },
        hourNanoUsd: 50n,
        gpu: {
          holds: [
            { instanceId: 143, holdNanoUsd: 300n, usedNanoUsd: 0n },
            { instanceId: 142, holdNanoUsd: 150n, usedNanoUsd: 50n },
          ],
          monthNanoUsd: 70n,
          hourNanoUsd: 450n,
        },
      },
      NOW,
    );
    expect(summary).toMatchObject({
      held_nano_usd: '400',
      holds: [
        { instance_id: 143, hold_nano_usd: '300', used_nano_usd: '0' },
        { instance_id: 142, hold_nano_usd: '150', used_nano_usd: '50' },
      ],
      month_cost_nano_usd: '170',
      burn_rate_nano_usd_per_hour: '500',
      runs_out_at: '2026-11-23T14:00:00.000Z',
    });
  });
});
