import { ReadyTime } from './ready-time.js';

describe('ReadyTime', () => {
  it('adds up only the time in which pods are ready, per ready pod', () => {
    let nowMs = 5_000;
    const ready = new ReadyTime(() => nowMs);
    nowMs += 10_000;
    expect(ready.seconds()).toBe(0);
    ready.setReadyPods(1);
    nowMs += 2_500;
    expect(ready.seconds()).toBe(2.5);
    ready.setReadyPods(2);
    nowMs += 1_000;
    ready.setReadyPods(0);
    nowMs += 60_000;
    expect(ready.seconds()).toBe(4.5);
  });
});
