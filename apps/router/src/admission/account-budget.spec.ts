import type { AccountState } from '@ecolink/contracts';
import { MemoryTotalsHub, SynchronisedTotals } from '@ecolink/shared-state';
import { AccountBudget } from './account-budget.js';

const SOURCE = 'router/router-1';

function state(balance: bigint, posted: number = 0, overrides: Partial<AccountState> = {}): AccountState {
  return {
    version: 1,
    account_id: 'acc_1',
    status: 'active',
    plan: { name: 'demo', requests_per_minute: 200, tokens_per_minute: null, concurrent_requests: null },
    balance_nano_usd: balance.toString(),
    held_nano_usd: '0',
    posted_positions: posted === 0 ? {} : { [SOURCE]: posted },
    ...overrides,
  };
}

const CALL = { keyId: 'key_1', userId: undefined, admittedAtMs: 0 };
const costing = (nanoUsd: bigint) => ({ firstNanoUsd: nanoUsd, worstNanoUsd: nanoUsd });

function budgetOf(account: AccountState): AccountBudget {
  return new AccountBudget(
    account,
    SOURCE,
    new SynchronisedTotals({ participant: 'a', transport: new MemoryTotalsHub().transport() }),
  );
}

describe('AccountBudget', () => {
  it('serves a lone call while there is any balance, however small', () => {
    expect(budgetOf(state(1n)).reserve(costing(1_000_000n), CALL).kind).toBe('admitted');
    expect(budgetOf(state(0n)).reserve(costing(1n), CALL).kind).toBe('refused');
    expect(budgetOf(state(-5n)).reserve(costing(0n), CALL).kind).toBe('refused');
  });

  it('does not let a burst run past zero: calls in flight are reserved', () => {
    const budget = budgetOf(state(100n));
    const kinds = Array.from({ length: 50 }, () => budget.reserve(costing(40n), CALL).kind);
    expect(kinds.filter((kind) => kind === 'admitted')).toHaveLength(2);
  });

  it('lets the oldest call outgrow the balance, and no other', () => {
    const budget = budgetOf(state(100n));
    const stream = { firstNanoUsd: 10n, worstNanoUsd: 500n };
    const calls = [1, 2, 3].map(() => budget.reserve(stream, CALL));
    const [first, second, third] = calls.map((call) => (call.kind === 'admitted' ? call.reservation : undefined));
    expect(second?.growTo(60n)).toBeUndefined();
    expect(third?.growTo(40n)?.code).toBe('insufficient_balance');
    expect(first?.growTo(500n)).toBeUndefined();
    first?.release();
    expect(second?.growTo(500n)).toBeUndefined();
  });

  it('does not let one call after the other become the oldest and outgrow the balance in turn', () => {
    const budget = budgetOf(state(100n));
    const stream = { firstNanoUsd: 10n, worstNanoUsd: 500n };
    const reservations = Array.from({ length: 9 }, () => budget.reserve(stream, CALL)).map((call) => {
      if (call.kind !== 'admitted') throw new Error('refused');
      return call.reservation;
    });
    let spent = 0n;
    reservations.forEach((reservation, index) => {
      const cost = reservation.growTo(500n) === undefined ? 500n : 10n;
      reservation.settle(index + 1, cost);
      reservation.release();
      spent += cost;
    });
    expect(spent - 100n).toBeLessThanOrEqual(500n);
  });

  it('passes its share by one call, though the others spend the same rest before they are heard', async () => {
    const hub = new MemoryTotalsHub();
    const routers = ['a', 'b', 'c'].map((participant) => {
      const totals = new SynchronisedTotals({ participant, transport: hub.transport(), syncIntervalMs: 3_600_000 });
      return { totals, budget: new AccountBudget(state(9_000n), `router/${participant}`, totals) };
    });
    for (const { totals } of routers) await totals.start();
    for (const { totals } of [...routers, ...routers]) await totals.synchronise();
    let spent = 0n;
    for (const { budget } of routers) {
      const streams = [1, 2, 3, 4].map(() => budget.reserve({ firstNanoUsd: 100n, worstNanoUsd: 8_000n }, CALL));
      streams.forEach((stream, index) => {
        if (stream.kind !== 'admitted') throw new Error('refused');
        const cost = stream.reservation.growTo(8_000n) === undefined ? 8_000n : 100n;
        stream.reservation.settle(index + 1, cost);
        stream.reservation.release();
        spent += cost;
      });
    }
    for (const { totals } of routers) await totals.stop();
    expect(spent - 9_000n).toBeLessThanOrEqual(3n * 8_000n);
    // Each of them is served, whatever the others do.
    expect(spent).toBeGreaterThanOrEqual(3n * 8_000n);
  });

  it('does not count a call that can cost nothing as one in flight', () => {
    const budget = budgetOf(state(1n));
    expect(budget.reserve(costing(0n), CALL).kind).toBe('admitted');
    expect(budget.reserve(costing(50n), CALL).kind).toBe('admitted');
    expect(budget.reserve(costing(0n), CALL).kind).toBe('admitted');
    expect(budgetOf(state(0n)).reserve(costing(0n), CALL).kind).toBe('refused');
  });

  it('releases a reservation once, also when it is asked to twice', () => {
    const budget = budgetOf(state(100n));
    const first = budget.reserve(costing(100n), CALL);
    if (first.kind !== 'admitted') throw new Error('refused');
    first.reservation.release();
    first.reservation.release();
    expect(budget.openReservations).toBe(0);
    expect(budget.reserve(costing(100n), CALL).kind).toBe('admitted');
    expect(budget.reserve(costing(100n), CALL).kind).toBe('refused');
  });

  it('takes off its own calls until billing has posted them, and never twice', () => {
    const budget = budgetOf(state(100n));
    budget.addPending({ position: 1, costNanoUsd: 30n, call: CALL });
    budget.addPending({ position: 2, costNanoUsd: 30n, call: CALL });
    expect(budget.availableNanoUsd).toBe(40n);
    budget.apply(state(70n, 1));
    expect(budget.availableNanoUsd).toBe(40n);
    budget.apply(state(40n, 2));
    expect(budget.availableNanoUsd).toBe(40n);
  });

  it('does not take off again what was posted before it was replayed', () => {
    const budget = budgetOf(state(70n, 5));
    budget.addPending({ position: 5, costNanoUsd: 30n, call: CALL });
    expect(budget.availableNanoUsd).toBe(70n);
  });

  it('lets held money carry free calls of an own instance', () => {
    const budget = budgetOf(state(-10n, 0, { held_nano_usd: '50' }));
    expect(budget.admitFree().kind).toBe('admitted');
    expect(budget.reserve(costing(1n), CALL).kind).toBe('refused');
    expect(budgetOf(state(0n)).admitFree().kind).toBe('refused');
  });
});

describe('AccountBudget over several routers', () => {
  it('takes off what other routers have served and not posted, and what they have reserved', async () => {
    const hub = new MemoryTotalsHub();
    const here = new SynchronisedTotals({ participant: 'here', transport: hub.transport() });
    const there = new SynchronisedTotals({ participant: 'there', transport: hub.transport() });
    await Promise.all([here.start(), there.start()]);
    const budget = new AccountBudget(state(100n), SOURCE, here);
    const other = new AccountBudget(state(100n), 'router/router-2', there);
    other.addPending({ position: 1, costNanoUsd: 60n, call: CALL });
    const reservation = other.reserve(costing(40n), CALL);
    await there.synchronise();
    expect(budget.availableNanoUsd).toBe(40n);
    expect(budget.reserve(costing(1n), CALL).kind).toBe('refused');
    if (reservation.kind === 'admitted') reservation.reservation.release();
    await there.synchronise();
    expect(budget.reserve(costing(1n), CALL).kind).toBe('admitted');
    await Promise.all([here.stop(), there.stop()]);
  });

  it('overspends by less than one call each when a burst of calls meets three routers between two synchronisations', async () => {
    const hub = new MemoryTotalsHub();
    const totals = ['a', 'b', 'c'].map(
      (participant) => new SynchronisedTotals({ participant, transport: hub.transport(), syncIntervalMs: 60_000 }),
    );
    await Promise.all(totals.map((each) => each.start()));
    for (const each of totals) await each.synchronise();
    const budgets = totals.map((each, index) => new AccountBudget(state(300n), `router/${index}`, each));
    const admitted = budgets.map((budget) =>
      Array.from({ length: 50 }, () => budget.reserve(costing(30n), CALL)).filter(({ kind }) => kind === 'admitted'),
    );
    expect(admitted.map((calls) => calls.length)).toEqual([3, 3, 3]);
    await Promise.all(totals.map((each) => each.stop()));
  });

  it('gives back to its share what a call reserved and did not cost', async () => {
    const hub = new MemoryTotalsHub();
    const [here, there] = ['here', 'there'].map(
      (participant) => new SynchronisedTotals({ participant, transport: hub.transport(), syncIntervalMs: 60_000 }),
    ) as [SynchronisedTotals, SynchronisedTotals];
    await Promise.all([here.start(), there.start()]);
    for (const each of [here, there]) await each.synchronise();
    const budget = new AccountBudget(state(100n), SOURCE, here);
    const long = budget.reserve(costing(1n), CALL);
    for (let call = 1; call <= 20; call += 1) {
      const admission = budget.reserve(costing(10n), CALL);
      if (admission.kind !== 'admitted') throw new Error(`call ${call} was refused`);
      budget.addPending({ position: call, costNanoUsd: 2n, call: CALL });
      admission.reservation.release();
    }
    expect([long.kind, budget.availableNanoUsd]).toEqual(['admitted', 60n]);
    await Promise.all([here.stop(), there.stop()]);
  });
});
