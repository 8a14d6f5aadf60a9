import { MemoryTotalsHub, SynchronisedTotals } from '@ecolink/shared-state';
import { ConcurrencyLimiter } from './concurrency-limiter.js';

const HOUR_MS = 3_600_000;

async function startTotals(count: number): Promise<SynchronisedTotals[]> {
  const hub = new MemoryTotalsHub();
  const totals = Array.from(
    { length: count },
    (_, index) => new SynchronisedTotals({ participant: `r${index}`, transport: hub.transport(), syncIntervalMs: HOUR_MS }),
  );
  for (const each of totals) await each.start();
  for (const each of [...totals, ...totals]) await each.synchronise();
  return totals;
}

function takeAll(limiter: ConcurrencyLimiter, limit: number): (() => void)[] {
  const taken: (() => void)[] = [];
  for (let give = limiter.take('acc', limit); give !== undefined; give = limiter.take('acc', limit)) taken.push(give);
  return taken;
}

describe('ConcurrencyLimiter', () => {
  it('gives as many slots as the limit has, and one again for each that is given back, once', async () => {
    const [totals] = await startTotals(1);
    if (totals === undefined) throw new Error('no totals');
    const limiter = new ConcurrencyLimiter(totals);
    const taken = takeAll(limiter, 5);
    expect(taken).toHaveLength(5);
    taken[0]?.();
    taken[0]?.();
    expect(takeAll(limiter, 5)).toHaveLength(1);
    expect(limiter.take('another', 5)).toBeDefined();
    await totals.stop();
  });

  it('holds the limit over three routers, and frees what one of them held when it is gone', async () => {
    const totals = await startTotals(3);
    const [first, second, third] = totals.map((each) => new ConcurrencyLimiter(each));
    if (first === undefined || second === undefined || third === undefined) throw new Error('no limiter');
    const all = [first, second, third].map((limiter) => takeAll(limiter, 9).length);
    expect(all).toEqual([3, 3, 3]);
    for (const each of [...totals, ...totals]) await each.synchronise();
    expect([first, second, third].map((limiter) => takeAll(limiter, 9).length)).toEqual([0, 0, 0]);
    await totals[2]?.stop();
    for (const each of [...totals.slice(0, 2), ...totals.slice(0, 2)]) await each.synchronise();
    expect(takeAll(first, 9).length + takeAll(second, 9).length).toBeGreaterThanOrEqual(2);
    await Promise.all(totals.slice(0, 2).map((each) => each.stop()));
  });
});
