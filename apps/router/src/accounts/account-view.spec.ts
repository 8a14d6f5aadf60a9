import type { AccountState } from '@ecolink/contracts';
import { MemoryTotalsHub, SynchronisedTotals } from '@ecolink/shared-state';
import { AccountView } from './account-view.js';

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

function viewOf(account: AccountState): AccountView {
  return new AccountView(
    account,
    SOURCE,
    new SynchronisedTotals({ participant: 'a', transport: new MemoryTotalsHub().transport() }),
  );
}

describe('AccountView', () => {
  it('serves a lone call while there is any balance, however small', () => {
    expect(viewOf(state(1n)).reserve(1_000_000n).kind).toBe('admitted');
    expect(viewOf(state(0n)).reserve(1n).kind).toBe('refused');
    expect(viewOf(state(-5n)).reserve(0n).kind).toBe('refused');
  });

  it('does not let a burst run past zero: calls in flight are reserved', () => {
    const view = viewOf(state(100n));
    const kinds = Array.from({ length: 50 }, () => view.reserve(40n).kind);
    expect(kinds.filter((kind) => kind === 'admitted')).toHaveLength(3);
  });

  it('releases a reservation once, also when it is asked to twice', () => {
    const view = viewOf(state(100n));
    const first = view.reserve(100n);
    if (first.kind !== 'admitted') throw new Error('refused');
    first.reservation.release();
    first.reservation.release();
    expect(view.openReservations).toBe(0);
    expect(view.reserve(100n).kind).toBe('admitted');
    expect(view.reserve(100n).kind).toBe('refused');
  });

  it('takes off its own calls until billing has posted them, and never twice', () => {
    const view = viewOf(state(100n));
    view.addPending(1, 30n);
    view.addPending(2, 30n);
    expect(view.availableNanoUsd).toBe(40n);
    view.apply(state(70n, 1));
    expect(view.availableNanoUsd).toBe(40n);
    view.apply(state(40n, 2));
    expect(view.availableNanoUsd).toBe(40n);
  });

  it('does not take off again what was posted before it was replayed', () => {
    const view = viewOf(state(70n, 5));
    view.addPending(5, 30n);
    expect(view.availableNanoUsd).toBe(70n);
  });

  it('lets held money carry free calls of an own instance', () => {
    const view = viewOf(state(-10n, 0, { held_nano_usd: '50' }));
    expect(view.admitFree().kind).toBe('admitted');
    expect(view.reserve(1n).kind).toBe('refused');
    expect(viewOf(state(0n)).admitFree().kind).toBe('refused');
  });
});

describe('AccountView over several routers', () => {
  it('takes off what other routers have served and not posted, and what they have reserved', async () => {
    const hub = new MemoryTotalsHub();
    const here = new SynchronisedTotals({ participant: 'here', transport: hub.transport() });
    const there = new SynchronisedTotals({ participant: 'there', transport: hub.transport() });
    await Promise.all([here.start(), there.start()]);
    const view = new AccountView(state(100n), SOURCE, here);
    const other = new AccountView(state(100n), 'router/router-2', there);
    other.addPending(1, 60n);
    const reservation = other.reserve(40n);
    await there.synchronise();
    expect(view.availableNanoUsd).toBe(40n);
    expect(view.reserve(1n).kind).toBe('refused');
    if (reservation.kind === 'admitted') reservation.reservation.release();
    await there.synchronise();
    expect(view.reserve(1n).kind).toBe('admitted');
    await Promise.all([here.stop(), there.stop()]);
  });

  it('overspends by less than one call each when a burst of calls meets three routers between two synchronisations', async () => {
    const hub = new MemoryTotalsHub();
    const totals = ['a', 'b', 'c'].map(
      (participant) => new SynchronisedTotals({ participant, transport: hub.transport(), syncIntervalMs: 60_000 }),
    );
    await Promise.all(totals.map((each) => each.start()));
    for (const each of totals) await each.synchronise();
    const views = totals.map((each, index) => new AccountView(state(300n), `router/${index}`, each));
    const admitted = views.map((view) =>
      Array.from({ length: 50 }, () => view.reserve(30n)).filter(({ kind }) => kind === 'admitted'),
    );
    expect(admitted.map((calls) => calls.length)).toEqual([4, 4, 4]);
    await Promise.all(totals.map((each) => each.stop()));
  });

  it('gives back to its share what a call reserved and did not cost', async () => {
    const hub = new MemoryTotalsHub();
    const [here, there] = ['here', 'there'].map(
      (participant) => new SynchronisedTotals({ participant, transport: hub.transport(), syncIntervalMs: 60_000 }),
    ) as [SynchronisedTotals, SynchronisedTotals];
    await Promise.all([here.start(), there.start()]);
    for (const each of [here, there]) await each.synchronise();
    const view = new AccountView(state(100n), SOURCE, here);
    const long = view.reserve(1n);
    for (let call = 1; call <= 20; call += 1) {
      const admission = view.reserve(40n);
      if (admission.kind !== 'admitted') throw new Error(`call ${call} was refused`);
      view.addPending(call, 2n);
      admission.reservation.release();
    }
    expect([long.kind, view.availableNanoUsd]).toEqual(['admitted', 60n]);
    await Promise.all([here.stop(), there.stop()]);
  });
});
