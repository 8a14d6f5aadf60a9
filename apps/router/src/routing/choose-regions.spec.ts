import { type RegionCandidate, RegionRotation } from './choose-regions.js';

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
