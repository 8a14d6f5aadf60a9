import { afterProbe, hasVerdict, nextProbeDelayMs, type PodHealth, type ProbeResult, unprobed } from './pod-health.js';

const ok: ProbeResult = { kind: 'ok', status: 200 };
const refused: ProbeResult = { kind: 'unreachable', reason: 'connection refused' };
const loading: ProbeResult = { kind: 'unhealthy', status: 503, reason: 'GET /health answered 503' };
const late: ProbeResult = { kind: 'timeout', callInFlight: false };
const lateAtWork: ProbeResult = { kind: 'timeout', callInFlight: true };

function probe(start: PodHealth, ...results: ProbeResult[]): PodHealth {
  return results.reduce((health, result, index) => afterProbe(health, result, 1_000 * (index + 1)), start);
}

const up = () => probe(unprobed(0), ok, ok);

describe('the verdict on a pod', () => {
  it('is up after two successes in a row, for the first time too', () => {
    expect(probe(unprobed(0), ok)).toMatchObject({ healthy: false });
    expect(up()).toMatchObject({ healthy: true, reason: null, sinceMs: 2_000 });
    expect(probe(unprobed(0), ok, refused, ok)).toMatchObject({ healthy: false });
  });

  it('is down after two refusals, and not after one', () => {
    expect(probe(up(), refused)).toMatchObject({ healthy: true });
    expect(probe(up(), refused, refused)).toMatchObject({ healthy: false, reason: 'connection refused' });
    expect(probe(up(), refused, ok, refused)).toMatchObject({ healthy: true });
  });

  it('is down after two answers that say so', () => {
    expect(probe(up(), loading)).toMatchObject({ healthy: true });
    expect(probe(up(), loading, loading)).toMatchObject({ healthy: false, lastProbeStatus: 503 });
    expect(probe(up(), loading, refused)).toMatchObject({ healthy: false });
  });

  it('is down after five time-outs, and not after four', () => {
    expect(probe(up(), late, late, late, late)).toMatchObject({ healthy: true });
    expect(probe(up(), late, late, late, late, late)).toMatchObject({ healthy: false });
    expect(probe(up(), late, late, late, late, ok, late)).toMatchObject({ healthy: true });
  });

  it('never counts a time-out while a call is in flight', () => {
    expect(probe(up(), ...Array.from({ length: 50 }, () => lateAtWork))).toMatchObject({ healthy: true, timeouts: 0 });
    expect(probe(up(), late, late, late, late, lateAtWork, lateAtWork)).toMatchObject({ healthy: true, timeouts: 4 });
  });

  it('counts refusals though calls are in flight', () => {
    expect(probe(up(), lateAtWork, refused, refused)).toMatchObject({ healthy: false });
  });

  it('keeps the time of the change, not of the last probe', () => {
    expect(probe(up(), refused, refused, refused, refused)).toMatchObject({ sinceMs: 2_000, lastProbeAtMs: 4_000 });
  });
});

describe('the time to the next probe', () => {
  it.each([
    ['2 s while all is well', up(), ok, 2_000],
    ['100 ms after the first success of a pod that is not in use', probe(unprobed(0), ok), ok, 100],
    ['1 s after a refusal', probe(up(), refused), refused, 1_000],
    ['1 s after a time-out that does not count', up(), lateAtWork, 1_000],
  ])('is %s', (_name, health, result, delayMs) => {
    expect(nextProbeDelayMs(health, result)).toBe(delayMs);
  });
});

describe('hasVerdict', () => {
  it('waits for two probes of one kind', () => {
    expect([unprobed(0), probe(unprobed(0), ok), probe(unprobed(0), refused)].map(hasVerdict)).toEqual([false, false, false]);
    expect([up(), probe(unprobed(0), refused, refused), probe(unprobed(0), late, late)].map(hasVerdict)).toEqual([
      true,
      true,
      true,
    ]);
  });
});
