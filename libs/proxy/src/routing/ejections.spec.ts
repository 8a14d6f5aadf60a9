import { Ejections } from './ejections.js';

function standing() {
  const clock = { nowMs: 1_000 };
  return { ejections: new Ejections(() => clock.nowMs), clock };
}

function failTwice(ejections: Ejections): number | undefined {
  ejections.failed('mv');
  return ejections.failed('mv');
}

describe('Ejections', () => {
  it('takes a region out after two failures in a row, and after no fewer', () => {
    const { ejections } = standing();
    expect(ejections.failed('mv')).toBeUndefined();
    expect(ejections.shareOf('mv')).toBe(1);
    expect(ejections.failed('mv')).toBe(5_000);
    expect(ejections.shareOf('mv')).toBe(0);
    expect(ejections.shareOf('ga')).toBe(1);
  });

  it('counts failures in a row only: a success in between clears them', () => {
    const { ejections } = standing();
    for (let round = 0; round < 10; round += 1) {
      ejections.failed('mv');
      ejections.succeeded('mv');
    }
    expect(ejections.shareOf('mv')).toBe(1);
  });

  it('lets a region back after 5 s with a tenth of its calls, and all of them 10 s later', () => {
    const { ejections, clock } = standing();
    failTwice(ejections);
    clock.nowMs += 4_999;
    expect(ejections.shareOf('mv')).toBe(0);
    clock.nowMs += 1;
    expect(ejections.shareOf('mv')).toBeCloseTo(0.1);
    clock.nowMs += 5_000;
    expect(ejections.shareOf('mv')).toBeCloseTo(0.55);
    clock.nowMs += 5_000;
    expect(ejections.shareOf('mv')).toBe(1);
  });

  it('takes a region that fails its trial out again at once, 5 s longer each time, for at most a minute', () => {
    const { ejections, clock } = standing();
    const outForMs = [failTwice(ejections)];
    for (let round = 0; round < 14; round += 1) {
      clock.nowMs += 60_000;
      outForMs.push(ejections.failed('mv'));
    }
    expect(outForMs.slice(0, 3)).toEqual([5_000, 10_000, 15_000]);
    expect(outForMs.slice(-3)).toEqual([60_000, 60_000, 60_000]);
  });

  it('does not count what fails while the region is out: calls that were on their way fail together', () => {
    const { ejections, clock } = standing();
    failTwice(ejections);
    for (let call = 0; call < 100; call += 1) expect(ejections.failed('mv')).toBeUndefined();
    clock.nowMs += 5_000;
    expect(ejections.shareOf('mv')).toBeGreaterThan(0);
  });

  it('forgets ejections one by one while the region serves', () => {
    const { ejections, clock } = standing();
    failTwice(ejections);
    clock.nowMs += 5_000;
    expect(ejections.failed('mv')).toBe(10_000);
    clock.nowMs += 10_000;
    ejections.succeeded('mv');
    clock.nowMs += 10_000;
    ejections.succeeded('mv');
    expect(failTwice(ejections)).toBe(10_000);
    clock.nowMs += 20_000;
    for (let second = 0; second < 30; second += 1) {
      ejections.succeeded('mv');
      clock.nowMs += 1_000;
    }
    expect(failTwice(ejections)).toBe(5_000);
  });
});
