import { PoisonDetector } from './poison-detector.js';

const reachable = true;
const unreachable = false;

function attemptsNeeded(poison: PoisonDetector, databaseAnswers = reachable): number {
  const before = poison.handledCount;
  for (let attempts = 1; attempts <= 1_000; attempts += 1) {
    if (poison.isPoison(attempts, before, databaseAnswers)) return attempts;
  }
  return Infinity;
}

describe('PoisonDetector', () => {
  it('blames an event after eight failures while another one is handled', () => {
    const poison = new PoisonDetector();
    const before = poison.handledCount;
    poison.noteHandled();
    expect(poison.isPoison(7, before, unreachable)).toBe(false);
    expect(poison.isPoison(8, before, unreachable)).toBe(true);
  });

  it('blames none while nothing at all works', () => {
    expect(attemptsNeeded(new PoisonDetector(), unreachable)).toBe(Infinity);
  });

  it('grows slower with every event that is given up while nothing is handled, so that an outage cannot empty a topic', () => {
    const poison = new PoisonDetector();
    const needed: number[] = [];
    for (let event = 0; event < 7; event += 1) needed.push(attemptsNeeded(poison));
    expect(needed).toEqual([8, 16, 32, 64, 128, 256, 256]);
  });

  it('is as quick as before once something was handled', () => {
    const poison = new PoisonDetector();
    attemptsNeeded(poison);
    poison.noteHandled();
    expect(attemptsNeeded(poison)).toBe(8);
  });
});
