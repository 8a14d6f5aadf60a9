import { Suspicion } from './suspicion.js';

const reachable = true;
const unreachable = false;

function attemptsNeeded(suspicion: Suspicion, databaseAnswers = reachable): number {
  const before = suspicion.handledCount;
  for (let attempts = 1; attempts <= 1_000; attempts += 1) {
    if (suspicion.isToBlame(attempts, before, databaseAnswers)) return attempts;
  }
  return Infinity;
}

describe('Suspicion', () => {
  it('blames an event after eight failures while another one is handled', () => {
    const suspicion = new Suspicion();
    const before = suspicion.handledCount;
    suspicion.noteHandled();
    expect(suspicion.isToBlame(7, before, unreachable)).toBe(false);
    expect(suspicion.isToBlame(8, before, unreachable)).toBe(true);
  });

  it('blames none while nothing at all works', () => {
    expect(attemptsNeeded(new Suspicion(), unreachable)).toBe(Infinity);
  });

  it('grows slower with every event that is given up while nothing is handled, so that an outage cannot empty a topic', () => {
    const suspicion = new Suspicion();
    const needed: number[] = [];
    for (let event = 0; event < 7; event += 1) needed.push(attemptsNeeded(suspicion));
    expect(needed).toEqual([8, 16, 32, 64, 128, 256, 256]);
  });

  it('is as quick as before once something was handled', () => {
    const suspicion = new Suspicion();
    attemptsNeeded(suspicion);
    suspicion.noteHandled();
    expect(attemptsNeeded(suspicion)).toBe(8);
  });
});
