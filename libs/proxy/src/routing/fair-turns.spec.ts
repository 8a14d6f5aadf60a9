import { FairTurns } from './fair-turns.js';

const PER_HOLDER = 100;
const IN_ALL = 250;

function turnsByHand(cpuUs = () => 0) {
  const scheduled: (() => void)[] = [];
  const turns = new FairTurns({ unitsPerHolder: PER_HOLDER, unitsInAll: IN_ALL, schedule: (run) => scheduled.push(run), cpuUs });
  const next = (): void => {
    for (const run of scheduled.splice(0)) run();
  };
  return { turns, next, scheduled };
}

/** A call that always has more to do. */
function busy(turns: FairTurns, holder: string, done: string[]): void {
  const share = turns.enter(holder);
  const work = (): void => {
    while (share.spend(10)) done.push(holder);
    done.push(holder);
    share.wait(work);
  };
  work();
}

function countOf(done: readonly string[], holder: string): number {
  return done.filter((one) => one === holder).length;
}

describe('FairTurns', () => {
  it('lets a holder with little to do go on at once, whatever others have done in the turn', () => {
    const { turns } = turnsByHand();
    for (const holder of ['a', 'b', 'c', 'd', 'e']) busy(turns, holder, []);
    expect(turns.enter('quiet').spend(5)).toBe(true);
  });

  it('stops a holder at its part of a turn, however many calls it has', () => {
    const { turns, next } = turnsByHand();
    const done: string[] = [];
    for (let call = 0; call < 50; call += 1) busy(turns, 'greedy', done);
    done.length = 0;
    next();
    expect(done.length).toBeGreaterThan(0);
    expect(done.length * 10).toBeLessThanOrEqual(PER_HOLDER + 10);
  });

  it('bounds the work of all holders in a turn, and serves them all in their turns', () => {
    const { turns, next } = turnsByHand();
    const done: string[] = [];
    const holders = Array.from({ length: 20 }, (_unused, index) => `holder-${index}`);
    for (const holder of holders) busy(turns, holder, done);
    done.length = 0;
    for (let turn = 0; turn < 100; turn += 1) {
      const before = done.length;
      next();
      expect((done.length - before) * 10).toBeLessThanOrEqual(IN_ALL + PER_HOLDER);
    }
    const counts = holders.map((holder) => countOf(done, holder));
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(Math.max(...counts)).toBeLessThanOrEqual(1.5 * Math.min(...counts));
  });

  it('gives a holder with one call as much as one with a hundred', () => {
    const { turns, next } = turnsByHand();
    const done: string[] = [];
    for (let call = 0; call < 100; call += 1) busy(turns, 'many', done);
    busy(turns, 'one', done);
    done.length = 0;
    for (let turn = 0; turn < 50; turn += 1) next();
    expect(countOf(done, 'one')).toBeGreaterThanOrEqual(0.5 * countOf(done, 'many'));
  });

  it('serves the calls of a holder in the order in which they lined up', () => {
    const { turns, next } = turnsByHand();
    const share = turns.enter('a');
    share.spend(PER_HOLDER);
    const order: number[] = [];
    for (let call = 0; call < 5; call += 1) share.wait(() => order.push(call));
    next();
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('counts what a call brings about when it goes on, before it does', () => {
    const { turns, next } = turnsByHand();
    const share = turns.enter('a');
    share.spend(PER_HOLDER);
    const wentOn: number[] = [];
    for (let call = 0; call < 10; call += 1) share.wait(() => wentOn.push(call), PER_HOLDER / 2);
    next();
    expect(wentOn).toEqual([0, 1]);
  });

  it('makes turns smaller while they take more time than units say, and larger again when they do not', () => {
    let [usPerUnit, cpuUs] = [100, 0];
    const { turns, next } = turnsByHand(() => cpuUs);
    let units = 0;
    const share = turns.enter('a');
    const work = (): void => {
      let mayGoOn = true;
      while (mayGoOn) {
        mayGoOn = share.spend(1);
        units += 1;
        cpuUs += usPerUnit;
      }
      share.wait(work, 0);
    };
    const unitsOfATurn = (): number => {
      units = 0;
      next();
      return units;
    };
    work();
    next();
    expect(unitsOfATurn()).toBeGreaterThan(PER_HOLDER / 4);
    for (let turn = 0; turn < 50; turn += 1) next();
    expect(unitsOfATurn()).toBeLessThan(PER_HOLDER / 4);
    usPerUnit = 1;
    for (let turn = 0; turn < 50; turn += 1) next();
    expect(unitsOfATurn()).toBeGreaterThan(PER_HOLDER / 2);
  });

  it('schedules nothing for work that is little, and forgets holders that left', () => {
    const { turns, scheduled } = turnsByHand();
    const share = turns.enter('a');
    share.spend(10);
    expect(scheduled).toHaveLength(0);
    share.leave();
    expect(turns.size).toBe(0);
  });
});
