import { Alarm } from './alarm.js';

const LONG_MS = 60_000;

describe('Alarm', () => {
  it('wakes who waits', async () => {
    const alarm = new Alarm();
    const waiting = alarm.wait(LONG_MS);
    alarm.ring();
    await waiting;
  });

  it('keeps a ring for the next wait, once', async () => {
    const alarm = new Alarm();
    alarm.ring();
    alarm.ring();
    await alarm.wait(LONG_MS);
    let isAwake = false;
    const second = alarm.wait(LONG_MS).then(() => (isAwake = true));
    await Promise.resolve();
    expect(isAwake).toBe(false);
    alarm.ring();
    await second;
  });
});
