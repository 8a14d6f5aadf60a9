import type { Subscription } from '../event-bus.js';
import { PatientSubscription } from './patient-subscription.js';

function subscription(): Subscription & { closed: number } {
  const one = {
    closed: 0,
    progress: () => ({ lag: 3, lastProgressAtMs: 9 }),
    close: () => Promise.resolve(void (one.closed += 1)),
  };
  return one;
}

describe('PatientSubscription', () => {
  it('tries again until the bus is there, and says meanwhile what it waits for', async () => {
    const real = subscription();
    let tries = 0;
    const patient = new PatientSubscription(() => {
      tries += 1;
      return tries < 3 ? Promise.reject(new Error('no broker')) : Promise.resolve(real);
    });
    await Promise.resolve();
    expect(patient.waitingFor()).toContain('not subscribed yet');
    await patient.settle();
    expect([tries, patient.waitingFor(), patient.progress().lag]).toEqual([3, undefined, 3]);
    await patient.close();
    expect(real.closed).toBe(1);
  });

  it('closes what opens after it was closed, and tries no more', async () => {
    const real = subscription();
    let open: (subscription: Subscription) => void = () => undefined;
    const patient = new PatientSubscription(() => new Promise((resolve) => (open = resolve)));
    await patient.close();
    open(real);
    await patient.settle();
    expect(real.closed).toBe(1);
  });
});
