import { Suspicion } from './suspicion.js';

const reachable = () => Promise.resolve(true);
const unreachable = () => Promise.resolve(false);

async function attemptsNeeded(suspicion: Suspicion, canReachDatabase = reachable): Promise<number> {
  const before = suspicion.handledCount;
  for (let attempts = 1; attempts <= 1_000; attempts += 1) {
    if (await suspicion.isToBlame(attempts, before, canReachDatabase)) return attempts;
  }
  return Infinity;
}

describe('Suspicion', () => {
  it('blames an event after eight failures while another one is handled', async () => {
    const suspicion = new Suspicion();
    const before = suspicion.handledCount;
    suspicion.noteHandled();
    expect(await suspicion.isToBlame(7, before, unreachable)).toBe(false);
    expect(await suspicion.isToBlame(8, before, unreachable)).toBe(true);
  });

  it('blames none while nothing at all works', async () => {
    expect(await attemptsNeeded(new Suspicion(), unreachable)).toBe(Infinity);
  });

  it('grows slower with every event that is given up while nothing is handled, so that an outage cannot empty a topic', async () => {
    const suspicion = new Suspicion();
    const needed: number[] = [];
    for (let event = 0; event < 7; event += 1) needed.push(await attemptsNeeded(suspicion));
    expect(needed).toEqual([8, 16, 32, 64, 128, 256, 256]);
  });

  it('is as quick as before once something was handled', async () => {
    const suspicion = new Suspicion();
    await attemptsNeeded(suspicion);
    suspicion.noteHandled();
    expect(await attemptsNeeded(suspicion)).toBe(8);
  });
});
