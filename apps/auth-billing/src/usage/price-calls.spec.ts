import { pricesFromDto } from '@ecolink/contracts';
import { usageEvent } from '../../test/usage-event.js';
import { PriceBook } from '../prices/price-book.js';
import { journalPositions, planPostings } from './plan-postings.js';
import { priceCalls } from './price-calls.js';
import { readEvents } from './read-events.js';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const at = (time: string) => new Date(`2026-11-23T${time}.000Z`);

const book = new PriceBook([
  { target: 'instance:142', version: 1, prices: pricesFromDto({ nano_usd_per_request: '10' }), effectiveFrom: at('10:00:00') },
  { target: 'instance:142', version: 2, prices: pricesFromDto({ nano_usd_per_request: '30' }), effectiveFrom: at('11:00:00') },
  { target: 'instance:142', version: 3, prices: pricesFromDto({}), effectiveFrom: at('11:30:00') },
]);

const costAt = (time: string): bigint | undefined => {
  const { calls } = readEvents([usageEvent('acc_a', { started_at: at(time).toISOString() })], NOW);
  return priceCalls(calls, new Map([['acc_a', 0n]]), book).priced[0]?.costNanoUsd;
};

describe('priceCalls', () => {
  it.each([
    ['10:00:00', 10n],
    ['10:59:59', 10n],
    ['11:00:00', 30n],
    ['11:30:00', 0n],
  ])('prices a call admitted at %s by the version in force then', (time, cost) => {
    expect(costAt(time)).toBe(cost);
  });

  it('prices a call before the first version by the first: only a slow clock can have admitted it', () => {
    expect(costAt('09:59:59')).toBe(10n);
  });

  it('prices a call of the next hour as now, and refuses one beyond it', () => {
    expect(costAt('13:00:00')).toBe(0n);
    const { calls, refused } = readEvents([usageEvent('acc_a', { started_at: at('13:00:01').toISOString() })], NOW);
    expect([calls.length, refused[0]?.reason]).toEqual([0, 'started more than an hour in the future']);
  });

  it('takes a platform model without any price for a mistake, an own instance without one for free', () => {
    const events = [usageEvent('acc_a', { platform_model_id: 'm', instance_id: null }), usageEvent('acc_a', { instance_id: 7 })];
    const { priced, refused } = priceCalls(readEvents(events, new Date()).calls, new Map([['acc_a', 0n]]), book);
    expect([priced.map((each) => each.costNanoUsd), refused.map((each) => each.reason)]).toEqual([
      [0n],
      ['platform:m has no price'],
    ]);
  });
});

describe('readEvents', () => {
  it('keeps the first of repeated events, and refuses a contradicting one', () => {
    const event = usageEvent('acc_a');
    const changed = { ...event, data: { ...event.data, status: 201 } };
    const { calls, refused } = readEvents([event, { ...event }, changed], new Date());
    expect([calls.length, refused.length]).toEqual([1, 1]);
  });

  it('takes the order of JSON members for nothing', () => {
    const event = usageEvent('acc_a');
    const turned = { ...event, data: Object.fromEntries(Object.entries(event.data).reverse()) };
    expect(readEvents([event, turned], new Date()).refused).toEqual([]);
  });

  it('tells events with the same id of two routers apart', () => {
    const event = usageEvent('acc_a');
    const other = { ...event, data: { ...event.data, source: 'router/other' } };
    expect(readEvents([event, other], new Date()).calls).toHaveLength(2);
  });
});

describe('planPostings', () => {
  it('posts nothing for calls that cost nothing, and runs balances per account in order', () => {
    const events = ['acc_a', 'acc_b', 'acc_a'].map((account) =>
      usageEvent(account, { started_at: at('11:10:00').toISOString() }),
    );
    const free = usageEvent('acc_a', { billable: false, started_at: at('11:10:00').toISOString() });
    const balances = new Map([
      ['acc_a', 100n],
      ['acc_b', 5n],
    ]);
    const { priced } = priceCalls(readEvents([...events, free], NOW).calls, balances, book);
    const planned = planPostings(priced, balances, NOW);
    expect(planned.postings.map((posting) => [posting.accountId, posting.amountNanoUsd, posting.balanceAfterNanoUsd])).toEqual([
      ['acc_a', -30n, 70n],
      ['acc_b', -30n, -25n],
      ['acc_a', -30n, 40n],
    ]);
    expect(Object.fromEntries(planned.balances)).toEqual({ acc_a: 40n, acc_b: -25n });
  });
});

describe('journalPositions', () => {
  it('gives the highest position of each account and source, and none of accounts that do not exist', () => {
    const events = [
      usageEvent('acc_a', { journal_position: 7 }),
      usageEvent('acc_a', { journal_position: 3 }),
      usageEvent('acc_a', { journal_position: 4, source: 'router/2' }),
      usageEvent('acc_gone', { journal_position: 9 }),
    ];
    const positions = journalPositions(
      readEvents(events, new Date()).calls.map(({ usage }) => usage),
      new Map([['acc_a', 0n]]),
    );
    expect(positions.map((each) => [each.accountId, each.source, each.position])).toEqual([
      ['acc_a', 'router/2', 4],
      ['acc_a', 'router/test', 7],
    ]);
  });
});
