import { MemoryTotalsHub, SynchronisedTotals, type TotalsTransport } from '@ecolink/shared-state';
import { SlidingWindowLimiter } from './sliding-window.js';

function limiterAt(startMs: number) {
  const clock = { nowMs: startMs };
  const totals = new SynchronisedTotals({ participant: 'a', transport: new MemoryTotalsHub().transport() });
  return { clock, limiter: new SlidingWindowLimiter(totals, () => clock.nowMs) };
}

describe('SlidingWindowLimiter', () => {
  it('admits exactly the limit within a minute', () => {
    const { limiter } = limiterAt(600_000);
    const admitted = Array.from({ length: 250 }, () => limiter.take('key', 200)).filter((decision) => decision.admitted);
    expect(admitted).toHaveLength(200);
  });

  it('does not admit a second full burst when the minute turns', () => {
    const { clock, limiter } = limiterAt(600_000 + 59_000);
    for (let index = 0; index < 200; index += 1) limiter.take('key', 200);
    clock.nowMs += 2_000;
    const admitted = Array.from({ length: 200 }, () => limiter.take('key', 200)).filter((decision) => decision.admitted);
    expect(admitted.length).toBeLessThanOrEqual(4);
  });

  it('tells a refused caller a time after which it is admitted', () => {
    const { clock, limiter } = limiterAt(600_000 + 30_000);
    for (let index = 0; index < 10; index += 1) limiter.take('key', 10);
    const refused = limiter.take('key', 10);
    expect(refused).toMatchObject({ admitted: false, remaining: 0 });
    clock.nowMs += refused.resetSeconds * 1000;
    expect(limiter.take('key', 10).admitted).toBe(true);
  });

  it('has room for all of the limit again after a minute of silence and one bucket', () => {
    const { clock, limiter } = limiterAt(600_000 + 1_000);
    for (let index = 0; index < 3; index += 1) limiter.take('key', 3);
    expect(limiter.take('key', 3).resetSeconds).toBeLessThanOrEqual(65);
    clock.nowMs += 65_000;
    expect([1, 2, 3].map(() => limiter.take('key', 3).admitted)).toEqual([true, true, true]);
  });

  it('never admits more than the limit within any minute', () => {
    const { clock, limiter } = limiterAt(600_000);
    const admitted: number[] = [];
    for (let step = 0; step < 4_000; step += 1) {
      clock.nowMs += 97;
      if (limiter.take('key', 20).admitted) admitted.push(clock.nowMs);
    }
    const most = Math.max(...admitted.map((start) => admitted.filter((time) => time >= start && time < start + 60_000).length));
    expect(most).toBeLessThanOrEqual(21);
    expect(admitted.length).toBeGreaterThan(100);
  });

  it('remembers what it admitted, and no longer than a minute, when a clock that was ahead is put right', () => {
    const { clock, limiter } = limiterAt(900_000);
    for (let index = 0; index < 10; index += 1) limiter.take('key', 12);
    clock.nowMs -= 300_000;
    expect([1, 2, 3].map(() => limiter.take('key', 12).admitted)).toEqual([true, true, false]);
    clock.nowMs += 65_000;
    expect(limiter.take('key', 12)).toMatchObject({ admitted: true, remaining: 11 });
  });

  it('keeps one subject from using up another', () => {
    const { limiter } = limiterAt(600_000);
    expect(limiter.take('a', 1).admitted).toBe(true);
    expect(limiter.take('a', 1).admitted).toBe(false);
    expect(limiter.take('b', 1).admitted).toBe(true);
  });
});

describe('SlidingWindowLimiter over several routers', () => {
  async function routers(count: number) {
    const clock = { nowMs: 600_000 };
    const link = { isCut: false };
    const cuttable = (transport: TotalsTransport): TotalsTransport => ({
      ...transport,
      publish: (message) => (link.isCut ? Promise.reject(new Error('no answer')) : transport.publish(message)),
    });
    const hub = new MemoryTotalsHub();
    const all: { totals: SynchronisedTotals; limiter: SlidingWindowLimiter }[] = [];
    for (let index = 0; index < count; index += 1) {
      const totals = new SynchronisedTotals({
        participant: `router-${index}`,
        transport: cuttable(hub.transport()),
        now: () => clock.nowMs,
      });
      await totals.start();
      all.push({ totals, limiter: new SlidingWindowLimiter(totals, () => clock.nowMs) });
    }
    const synchronise = async (): Promise<void> => {
      for (const { totals } of all) await totals.synchronise();
    };
    for (let round = 0; round < 25; round += 1) await synchronise();
    const stop = () => Promise.all(all.map(({ totals }) => totals.stop()));
    return { all, clock, link, synchronise, stop };
  }

  it('holds the limit in a burst of three times its size that meets all routers at once', async () => {
    const { all, stop } = await routers(3);
    let admitted = 0;
    for (let call = 0; call < 200; call += 1) for (const { limiter } of all) if (limiter.take('key', 200).admitted) admitted += 1;
    expect(admitted).toBeLessThanOrEqual(202);
    expect(admitted).toBeGreaterThanOrEqual(190);
    await stop();
  });

  it('holds the limit though their clocks are minutes apart', async () => {
    const clock = { nowMs: 600_000 };
    const hub = new MemoryTotalsHub(() => clock.nowMs);
    const all = [0, 300_000, -300_000].map((offMs, index) => {
      const now = (): number => clock.nowMs + offMs;
      return new SynchronisedTotals({ participant: `router-${index}`, transport: hub.transport(), now });
    });
    for (const totals of all) await totals.start();
    const limiters = all.map((totals) => new SlidingWindowLimiter(totals));
    let admitted = 0;
    for (let round = 0; round < 60; round += 1) {
      for (const totals of all) await totals.synchronise();
      for (const limiter of limiters) if (limiter.take('key', 30).admitted) admitted += 1;
      clock.nowMs += 100;
    }
    expect(admitted).toBeGreaterThanOrEqual(30);
    expect(admitted).toBeLessThanOrEqual(32);
    await Promise.all(all.map((totals) => totals.stop()));
  });

  it('lets all of the limit be used through one router, share by share', async () => {
    const { all, synchronise, stop } = await routers(3);
    let admitted = 0;
    for (let round = 0; round < 30; round += 1) {
      for (let call = 0; call < 50; call += 1) if (all[0]?.limiter.take('key', 100).admitted) admitted += 1;
      await synchronise();
    }
    expect(admitted).toBe(100);
    expect(all[1]?.limiter.take('key', 100).admitted).toBe(false);
    await stop();
  });

  it('overshoots by no more than one call for each other router', async () => {
    const { all, synchronise, stop } = await routers(3);
    let admitted = 0;
    for (let round = 0; round < 100; round += 1) {
      for (const { limiter } of all) if (limiter.take('key', 10).admitted) admitted += 1;
      await synchronise();
    }
    expect(admitted).toBeLessThanOrEqual(12);
    await stop();
  });

  it('keeps every router to its share of the limit while the others cannot be heard, and to all of it afterwards', async () => {
    const { all, clock, link, synchronise, stop } = await routers(3);
    link.isCut = true;
    // What changed is noticed when it cannot be said.
    for (const { limiter } of all) limiter.take('other', 200);
    await synchronise();
    let admitted = 0;
    for (let round = 0; round < 50; round += 1) {
      for (const { limiter } of all)
        for (let call = 0; call < 10; call += 1) if (limiter.take('key', 200).admitted) admitted += 1;
      await synchronise();
      clock.nowMs += 100;
    }
    expect(admitted).toBe(3 * 66);
    link.isCut = false;
    await synchronise();
    await synchronise();
    for (const { limiter } of all) for (let call = 0; call < 10; call += 1) if (limiter.take('key', 200).admitted) admitted += 1;
    expect(admitted).toBeGreaterThanOrEqual(200);
    expect(admitted).toBeLessThanOrEqual(202);
    await stop();
  });
});
