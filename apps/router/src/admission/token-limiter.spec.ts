import { MemoryTotalsHub, SynchronisedTotals } from '@ecolink/shared-state';
import { TokenLimiter } from './token-limiter.js';

const HOUR_MS = 3_600_000;

function limiterAt(startMs: number) {
  const clock = { nowMs: startMs };
  const totals = new SynchronisedTotals({ participant: 'a', transport: new MemoryTotalsHub().transport() });
  return { clock, limiter: new TokenLimiter(totals, () => clock.nowMs) };
}

/** A call that uses so many tokens and ends. */
function use(limiter: TokenLimiter, limit: number, tokens: number): boolean {
  const admission = limiter.admit('acc', limit, BigInt(tokens));
  if (admission.kind === 'refused') return false;
  admission.reservation.settle(tokens);
  admission.reservation.release();
  return true;
}

describe('TokenLimiter', () => {
  it('admits until the tokens of the minute are used, and tells when some are free again', () => {
    const { clock, limiter } = limiterAt(600_000);
    expect([600, 300, 200].map((tokens) => use(limiter, 1_000, tokens))).toEqual([true, true, true]);
    const refused = limiter.admit('acc', 1_000, 1n);
    expect(refused).toMatchObject({ kind: 'refused', decision: { admitted: false, limit: 1_000, remaining: 0 } });
    clock.nowMs += (refused.decision.resetSeconds - 2) * 1_000;
    expect(limiter.admit('acc', 1_000, 1n).kind).toBe('refused');
    clock.nowMs += 2_000;
    expect(limiter.admit('acc', 1_000, 1n).kind).toBe('admitted');
  });

  it('counts a call’s tokens from its end, for all of a minute, across the edges of its buckets', () => {
    for (const startMs of [600_000, 600_001, 600_999, 601_999]) {
      const { clock, limiter } = limiterAt(startMs);
      use(limiter, 100, 100);
      clock.nowMs += 59_999;
      expect(use(limiter, 100, 1)).toBe(false);
      clock.nowMs += 2_001;
      expect(use(limiter, 100, 1)).toBe(true);
    }
  });

  it('reckons with what calls in flight may use, and lets a lone call use more than the limit', () => {
    const { limiter } = limiterAt(600_000);
    const first = limiter.admit('acc', 1_000, 5_000n);
    expect([first.kind, limiter.admit('acc', 1_000, 1n).kind]).toEqual(['admitted', 'refused']);
    if (first.kind === 'admitted') first.reservation.release();
    expect(limiter.admit('acc', 1_000, 600n).kind).toBe('admitted');
    expect(limiter.admit('acc', 1_000, 399n).kind).toBe('admitted');
    expect(limiter.admit('acc', 1_000, 1n).kind).toBe('refused');
    expect(limiter.admit('another', 1_000, 1n).kind).toBe('admitted');
  });

  it('holds its limit over three routers, beyond one call each', async () => {
    const hub = new MemoryTotalsHub();
    const totals = ['a', 'b', 'c'].map(
      (participant) => new SynchronisedTotals({ participant, transport: hub.transport(), syncIntervalMs: HOUR_MS }),
    );
    for (const each of totals) await each.start();
    for (const each of [...totals, ...totals]) await each.synchronise();
    const limiters = totals.map((each) => new TokenLimiter(each, () => 600_000));
    let used = 0;
    for (let round = 0; round < 50; round += 1) for (const limiter of limiters) if (use(limiter, 3_000, 70)) used += 70;
    expect(used).toBeLessThanOrEqual(3_000 + 3 * 70);
    expect(used).toBeGreaterThanOrEqual(3_000 - 3 * 70);
    await Promise.all(totals.map((each) => each.stop()));
  });
});
