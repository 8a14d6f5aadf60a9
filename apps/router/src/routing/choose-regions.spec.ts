import fc from 'fast-check';
import { type RegionCandidate, RegionRotation } from './choose-regions.js';

const SHARE_ERROR_MAX = 1;

function candidate(region: string, healthyPods: number): RegionCandidate {
  return { region, gatewayUrl: `http://${region}`, healthyPods };
}

function counts(rotation: RegionRotation, candidates: RegionCandidate[], calls: number): Record<string, number> {
  const seen: Record<string, number> = {};
  for (let call = 0; call < calls; call += 1) {
    const region = rotation.order(candidates)[0]?.region ?? 'none';
    seen[region] = (seen[region] ?? 0) + 1;
  }
  return seen;
}

describe('RegionRotation', () => {
  it('gives each region its share within one call', () => {
    expect(counts(new RegionRotation(), [candidate('mv', 1), candidate('ga', 1)], 100)).toEqual({ mv: 50, ga: 50 });
    expect(counts(new RegionRotation(), [candidate('mv', 3), candidate('ga', 1)], 100)).toEqual({ mv: 75, ga: 25 });
  });

  it('stays fair within one call across a change', () => {
    const rotation = new RegionRotation();
    counts(rotation, [candidate('mv', 1), candidate('ga', 1)], 7);
    counts(rotation, [candidate('mv', 1)], 10);
    const after = counts(rotation, [candidate('mv', 1), candidate('ga', 1)], 100);
    expect(Math.abs((after['mv'] ?? 0) - (after['ga'] ?? 0))).toBeLessThanOrEqual(2);
  });

  it('keeps regions that stay within one call of each other, whoever comes and goes, and starves nobody who came', () => {
    const comers = ['aa', 'mm', 'zz'];
    const stretch = fc.record({ here: fc.subarray(comers), calls: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 60 }), (stretches) => {
        const rotation = new RegionRotation();
        const all: Record<string, number> = { ga: 0, mv: 0 };
        for (const { here, calls } of stretches) {
          const regions = ['ga', 'mv', ...here].sort();
          const candidates = regions.map((region) => candidate(region, 1));
          const seen = counts(rotation, candidates, calls);
          for (const region of ['ga', 'mv']) all[region] = (all[region] ?? 0) + (seen[region] ?? 0);
          expect(Math.abs((all['ga'] ?? 0) - (all['mv'] ?? 0))).toBeLessThanOrEqual(1);
          const shares = regions.map((region) => Math.abs((seen[region] ?? 0) - calls / regions.length));
          expect(Math.max(...shares)).toBeLessThan(2);
        }
      }),
    );
  });

  it('gives each region its share within one call, whatever the weights and however long the run', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }), fc.nat(300), (weights, calls) => {
        const candidates = weights.map((weight, index) => candidate(`r${index}`, weight));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const seen = counts(new RegionRotation(), candidates, calls);
        for (const { region, healthyPods } of candidates)
          expect(Math.abs((seen[region] ?? 0) - (calls * healthyPods) / total)).toBeLessThanOrEqual(SHARE_ERROR_MAX);
      }),
    );
  });

  it('tries every region once, and one more time where a second pod is there', () => {
    const regions = (candidates: RegionCandidate[]): string[] => new RegionRotation().order(candidates).map((one) => one.region);
    expect(regions([])).toEqual([]);
    expect(regions([candidate('mv', 1)])).toEqual(['mv']);
    expect(regions([candidate('mv', 2)])).toEqual(['mv', 'mv']);
    expect(regions([candidate('mv', 1), candidate('ga', 1)])).toEqual(['mv', 'ga']);
    expect(regions([candidate('mv', 1), candidate('ga', 2), candidate('xx', 1)])).toHaveLength(4);
  });

  it('leaves a region that is out to the calls that all others failed', () => {
    const rotation = new RegionRotation();
    const shareOf = (region: string): number => (region === 'mv' ? 0 : 1);
    for (let call = 0; call < 10; call += 1) {
      const regions = rotation
        .order([candidate('mv', 5), candidate('ga', 1), candidate('xx', 1)], shareOf)
        .map((one) => one.region);
      expect(regions).toHaveLength(3);
      expect(regions.at(-1)).toBe('mv');
    }
  });

  it('never leaves out the last regions: when all are out, all are in', () => {
    const rotation = new RegionRotation();
    const firsts = Array.from({ length: 10 }, () => rotation.order([candidate('mv', 1), candidate('ga', 1)], () => 0)[0]?.region);
    expect(firsts.filter((region) => region === 'mv')).toHaveLength(5);
  });

  it('gives a region on trial its tenth, and is fair within one call once the trial is over', () => {
    const rotation = new RegionRotation();
    const both = [candidate('mv', 1), candidate('ga', 1)];
    let onTrial = 0;
    for (let call = 0; call < 110; call += 1)
      if (rotation.order(both, (region) => (region === 'mv' ? 0.1 : 1))[0]?.region === 'mv') onTrial += 1;
    expect(onTrial).toBe(10);
    const after = counts(rotation, both, 100);
    expect(Math.abs((after['mv'] ?? 0) - (after['ga'] ?? 0))).toBeLessThanOrEqual(2);
  });
});
