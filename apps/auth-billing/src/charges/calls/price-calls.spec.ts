import { pricesFromDto, type Units } from '@ecolink/contracts';
import { usageEvent } from '../../../test/usage-event.js';
import { PriceBook } from '../../pricing/prices/price-book.js';
import { planTransactions } from '../../ledger/plan-transactions.js';
import { journalPositions, usageMovements } from './usage-movements.js';
import { priceCalls } from './price-calls.js';
import { readEvents } from './read-events.js';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const holding = (...balances: [string, bigint][]) =>
  new Map(balances.map(([account, availableNanoUsd]) => [account, { availableNanoUsd, heldNanoUsd: 0n }]));
const at = (time: string) => new Date(`2026-11-23T${time}.000Z`);

const book = new PriceBook([
  { target: 'instance:142', version: 1, prices: pricesFromDto({ nano_usd_per_request: '10' }), effectiveFrom: at('10:00:00') },
  { target: 'instance:142', version: 2, prices: pricesFromDto({ nano_usd_per_request: '30' }), effectiveFrom: at('11:00:00') },
  { target: 'instance:142', version: 3, prices: pricesFromDto({}), effectiveFrom: at('11:30:00') },
]);

const costAt = (time: string): bigint | undefined => {
  const { calls } = readEvents([usageEvent('acc_a', { started_at: at(time).toISOString() })], NOW);
  return priceCalls(calls, holding(['acc_a', 0n]), book).priced[0]?.costNanoUsd;
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

  it('bills nothing of a call with a unit or under a price that this release does not know, so that none of it is lost', () => {
    const later = { ...pricesFromDto({ nano_usd_per_request: '10' }), unknownFields: ['nano_usd_per_page'] };
    const prices = new PriceBook([
      { target: 'instance:1', version: 1, prices: pricesFromDto({ nano_usd_per_request: '10' }), effectiveFrom: at('10:00:00') },
      { target: 'instance:2', version: 1, prices: later, effectiveFrom: at('10:00:00') },
    ]);
    const withPages = (pages: number): Units => ({ requests: 1, ...{ pages } });
    const units = withPages(3);
    const events = [
      usageEvent('acc_a', { instance_id: 1, units }),
      usageEvent('acc_a', { instance_id: 2 }),
      usageEvent('acc_a', { instance_id: 1, units: withPages(0) }),
      usageEvent('acc_a', { instance_id: 1, units, billable: false }),
      usageEvent('acc_a', { instance_id: 3, units }),
    ];
    const { priced, refused } = priceCalls(readEvents(events, new Date()).calls, holding(['acc_a', 0n]), prices);
    expect(refused.map(({ reason }) => reason)).toEqual([
      'cannot be priced by this release: pages',
      'cannot be priced by this release: nano_usd_per_page',
    ]);
    expect(priced.map(({ costNanoUsd }) => costNanoUsd)).toEqual([10n, 0n, 0n]);
    expect(priced[2]?.call.usage.units).toEqual(units);
  });

  it('takes a platform model without any price for a mistake, an own instance without one for free', () => {
    const events = [usageEvent('acc_a', { platform_model_id: 'm', instance_id: null }), usageEvent('acc_a', { instance_id: 7 })];
    const { priced, refused } = priceCalls(readEvents(events, new Date()).calls, holding(['acc_a', 0n]), book);
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

describe('usageMovements', () => {
  it('posts nothing for calls that cost nothing, and runs balances per account in order', () => {
    const events = ['acc_a', 'acc_b', 'acc_a'].map((account) =>
      usageEvent(account, { started_at: at('11:10:00').toISOString() }),
    );
    const free = usageEvent('acc_a', { billable: false, started_at: at('11:10:00').toISOString() });
    const balances = holding(['acc_a', 100n], ['acc_b', 5n]);
    const { priced } = priceCalls(readEvents([...events, free], NOW).calls, balances, book);
    const planned = planTransactions(usageMovements(priced), balances, NOW);
    expect(planned.postings.map((posting) => [posting.accountId, posting.amountNanoUsd, posting.balanceAfterNanoUsd])).toEqual([
      ['acc_a', -30n, 70n],
      ['acc_b', -30n, -25n],
      ['acc_a', -30n, 40n],
    ]);
    expect(planned.balances).toEqual(holding(['acc_a', 40n], ['acc_b', -25n]));
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
      holding(['acc_a', 0n]),
    );
    expect(positions.map((each) => [each.accountId, each.source, each.position])).toEqual([
      ['acc_a', 'router/2', 4],
      ['acc_a', 'router/test', 7],
    ]);
  });
});
