import type { CallLimits } from './call-limits.js';
import { CallTimers } from './call-timers.js';

const { jest } = import.meta;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const LIMITS: CallLimits = { firstByteTimeoutMs: 6_000, idleTimeoutMs: 1_000, totalTimeoutMs: 20_000 };

function start(limits: Partial<CallLimits> = {}): { timers: CallTimers; timeouts: string[] } {
  const timeouts: string[] = [];
  const timers = new CallTimers({ ...LIMITS, ...limits }, (what) => {
    timeouts.push(what);
    timers.stop();
  });
  return { timers, timeouts };
}

const LATE_HEADERS = 'the pod did not begin to answer in time';
const LATE_BODY = 'the pod stopped in the middle of its answer';
const OVERTIME = 'the call took longer than a call may';

describe('CallTimers', () => {
  it.each([0, 1, 700, 999, 1_000, 5_500])('ends a wait for headers that began after %i ms when it is over', (beganMs) => {
    const { timers, timeouts } = start();
    jest.advanceTimersByTime(beganMs);
    timers.waitForHeaders();
    jest.advanceTimersByTime(5_999);
    expect(timeouts).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(timeouts).toEqual([LATE_HEADERS]);
  });

  it('begins the wait for more of the body anew with each sign of life', () => {
    const { timers, timeouts } = start();
    timers.waitForHeaders();
    jest.advanceTimersByTime(400);
    timers.waitForBody();
    for (let piece = 0; piece < 7; piece += 1) {
      jest.advanceTimersByTime(990);
      timers.touch();
    }
    jest.advanceTimersByTime(999);
    expect(timeouts).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(timeouts).toEqual([LATE_BODY]);
  });

  it('does not wait for a body that the caller does not take', () => {
    const { timers, timeouts } = start();
    timers.waitForBody();
    timers.pausePhase();
    timers.touch();
    jest.advanceTimersByTime(15_000);
    expect(timeouts).toEqual([]);
    timers.waitForBody();
    jest.advanceTimersByTime(1_000);
    expect(timeouts).toEqual([LATE_BODY]);
  });

  it('ends a call that takes too long, whatever it is at', () => {
    const { timers, timeouts } = start();
    for (let second = 0; second < 40; second += 1) {
      timers.waitForBody();
      jest.advanceTimersByTime(500);
    }
    expect(timeouts).toEqual([OVERTIME]);
  });

  it('has no limit where it is 0', () => {
    const { timers, timeouts } = start({ idleTimeoutMs: 0, totalTimeoutMs: 0 });
    timers.waitForBody();
    jest.advanceTimersByTime(86_400_000);
    expect(timeouts).toEqual([]);
    timers.waitForHeaders();
    jest.advanceTimersByTime(6_000);
    expect(timeouts).toEqual([LATE_HEADERS]);
    expect(start({ firstByteTimeoutMs: 0, idleTimeoutMs: 0, totalTimeoutMs: 0 }).timeouts).toEqual([]);
  });

  it('leaves no timer behind', () => {
    const { timers } = start();
    timers.waitForHeaders();
    timers.stop();
    expect(jest.getTimerCount()).toBe(0);
  });
});
