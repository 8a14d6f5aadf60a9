import { BodyBudget } from './body-budget.js';

describe('BodyBudget', () => {
  it('never grants more in sum than it has, and has it again when calls end', () => {
    const budget = new BodyBudget(100);
    const holds = ['a', 'b', 'c', 'd', 'e'].map((account) => budget.open(account));
    expect(holds.map((hold) => hold.take(22))).toEqual([undefined, undefined, undefined, undefined, 'router']);
    expect(budget.held).toBe(88);
    holds[0]?.release();
    holds[0]?.release();
    expect(budget.held).toBe(66);
    expect(holds[4]?.take(22)).toBeUndefined();
  });

  it('leaves room for other accounts, whatever one account sends', () => {
    const budget = new BodyBudget(100);
    const greedy = Array.from({ length: 10 }, () => budget.open('greedy'));
    expect(greedy.map((hold) => hold.take(10)).filter((refused) => refused === 'account')).toHaveLength(8);
    expect(budget.open('modest').take(25)).toBeUndefined();
  });

  it('lets who holds much take no more for a while after another account found no room', () => {
    const clock = { nowMs: 0 };
    const budget = new BodyBudget(100, () => clock.nowMs);
    const slow = ['a', 'b', 'c', 'd'].map((account) => budget.open(account));
    for (const hold of slow) hold.take(24);
    expect(budget.open('other').take(10)).toBe('router');
    slow[3]?.release();
    expect(slow[0]?.take(1)).toBe('account');
    expect(budget.open('other').take(10)).toBeUndefined();
    clock.nowMs += 10_000;
    expect(slow[0]?.take(1)).toBeUndefined();
  });
});
