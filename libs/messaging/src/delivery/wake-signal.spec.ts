import { WakeSignal } from './wake-signal.js';

const LONG_MS = 60_000;

describe('WakeSignal', () => {
  it('wakes who waits', async () => {
    const wakeSignal = new WakeSignal();
    const waiting = wakeSignal.wait(LONG_MS);
    wakeSignal.notify();
    await waiting;
  });

  it('keeps a ring for the next wait, once', async () => {
    const wakeSignal = new WakeSignal();
    wakeSignal.notify();
    wakeSignal.notify();
    await wakeSignal.wait(LONG_MS);
    let isAwake = false;
    const second = wakeSignal.wait(LONG_MS).then(() => (isAwake = true));
    await Promise.resolve();
    expect(isAwake).toBe(false);
    wakeSignal.notify();
    await second;
  });
});
