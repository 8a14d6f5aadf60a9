import { PlatformSlots } from './platform-slots.js';

const MODEL = 7;
const SLOTS = 16;
const MINUTE_MS = 60_000;

function bed(shared: Partial<{ live: () => number; others: (key: string) => bigint }> = {}) {
  const clock = { nowMs: 0 };
  const told = new Map<string, bigint>();
  const slots = new PlatformSlots(
    { live: () => 1, others: () => 0n, set: (key, value) => void told.set(key, value), ...shared },
    () => clock.nowMs,
  );
  const frees: (() => void)[] = [];
  const takeMany = (account: string, count: number): number => {
    let taken = 0;
    for (let call = 0; call < count; call += 1) {
      const slot = slots.take(MODEL, account, SLOTS);
      if (typeof slot !== 'function') continue;
      frees.push(slot);
      taken += 1;
    }
    return taken;
  };
  return { clock, slots, told, frees, takeMany };
}

describe('slots of a platform model', () => {
  it('are never filled by one account beyond half of them', () => {
    const { slots, takeMany } = bed();
    expect(takeMany('greedy', 100)).toBe(8);
    expect(slots.take(MODEL, 'greedy', SLOTS)).toMatchObject({ code: 'rate_limit_exceeded', retryAfterSeconds: 2 });
    expect(takeMany('other', 100)).toBe(8);
  });

  it('are not taken beyond a quarter for a minute after another account has waited', () => {
    const { clock, slots, takeMany } = bed();
    expect(takeMany('greedy', 3)).toBe(3);
    slots.waited(MODEL, 'other');
    expect(takeMany('greedy', 100)).toBe(1);
    clock.nowMs += MINUTE_MS;
    expect(takeMany('greedy', 100)).toBe(4);
  });

  it('an account that waits itself is not held to a quarter for that', () => {
    const { slots, takeMany } = bed();
    slots.waited(MODEL, 'greedy');
    expect(takeMany('greedy', 100)).toBe(8);
    slots.waited(MODEL, 'greedy');
    expect(slots.take(MODEL, 'other', SLOTS)).toBeInstanceOf(Function);
  });

  it('count as waited for when more calls are let through than there are slots', () => {
    const { frees, takeMany } = bed();
    takeMany('a', 8);
    takeMany('b', 8);
    expect(takeMany('c', 1)).toBe(1);
    for (const free of frees.splice(0, 3)) free();
    expect(takeMany('a', 100)).toBe(0);
  });

  it('are given back, and what is left of an account is nothing', () => {
    const { frees, told, takeMany } = bed();
    takeMany('a', 8);
    for (const free of frees) free();
    expect([...told.values()]).toEqual([0n]);
    expect(takeMany('a', 100)).toBe(8);
  });

  it('count those that the account holds through other routers', () => {
    const { takeMany } = bed({ live: () => 2, others: (key) => (key.endsWith(':greedy') ? 5n : 0n) });
    expect(takeMany('greedy', 100)).toBe(3);
    expect(takeMany('other', 100)).toBe(8);
  });

  it('an account that is refused at its half does not hold the others to their quarter', () => {
    const { slots, takeMany } = bed();
    takeMany('greedy', 100);
    slots.waited(MODEL, 'greedy');
    expect(takeMany('other', 100)).toBe(8);
  });

  it('one slot is for everybody: a model with one slot serves any account', () => {
    const { slots } = bed();
    expect(slots.take(MODEL, 'a', 1)).toBeInstanceOf(Function);
  });
});
