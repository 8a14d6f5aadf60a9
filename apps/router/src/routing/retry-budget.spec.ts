import { RetryBudget } from './retry-budget.js';

function budgetAt(start = 0): { budget: RetryBudget; clock: { nowMs: number } } {
  const clock = { nowMs: start };
  return { budget: new RetryBudget(() => clock.nowMs), clock };
}

function spendAll(budget: RetryBudget): number {
  let spent = 0;
  while (spent < 1_000 && budget.spend()) spent += 1;
  return spent;
}

describe('RetryBudget', () => {
  it('lets a lone call try another pod', () => {
    expect(budgetAt().budget.spend()).toBe(true);
  });

  it('holds retries of a busy instance to a tenth of its calls', () => {
    const { budget } = budgetAt();
    let retries = 0;
    for (let call = 0; call < 10_000; call += 1) {
      budget.earn();
      if (budget.spend()) retries += 1;
    }
    expect(retries).toBeGreaterThanOrEqual(1_000);
    expect(retries).toBeLessThanOrEqual(1_010);
  });

  it('gives a quiet instance its retries back within seconds, and no more than it began with', () => {
    const { budget, clock } = budgetAt();
    const atFirst = spendAll(budget);
    expect(budget.spend()).toBe(false);
    clock.nowMs += 3_000;
    expect(spendAll(budget)).toBe(3);
    clock.nowMs += 3_600_000;
    expect(spendAll(budget)).toBe(atFirst);
  });

  it('saves a bounded number of retries over any number of calls that needed none', () => {
    const { budget } = budgetAt();
    for (let call = 0; call < 100_000; call += 1) budget.earn();
    expect(spendAll(budget)).toBe(100);
  });
});
