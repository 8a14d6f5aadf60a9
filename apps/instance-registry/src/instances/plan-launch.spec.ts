import { type PlacementRequest, placeReplicas } from './plan-launch.js';

const capacity = [
  { region: 'ga', driver: 'simulated', gpusFree: 4 },
  { region: 'mv', driver: 'simulated', gpusFree: 8 },
  { region: 'xx', driver: 'simulated', gpusFree: 0 },
];

function place(overrides: Partial<PlacementRequest> = {}) {
  const request = { gpuCount: 1, pinnedRegion: null, regions: undefined, allowSingleRegion: false, ...overrides };
  const placement = placeReplicas(request, capacity);
  return placement.kind === 'placed' ? placement.regions.map((entry) => entry.region) : placement;
}

describe('placeReplicas', () => {
  it('places one replica in each of two regions, the emptiest first', () => {
    expect(place()).toEqual(['mv', 'ga']);
  });

  it('keeps to the regions that were named, in their order', () => {
    expect(place({ regions: ['ga', 'mv'] })).toEqual(['ga', 'mv']);
  });

  it('refuses fewer regions than two, unless one is allowed', () => {
    expect(place({ regions: ['mv'] })).toEqual({ kind: 'insufficient', replicasWanted: 2, available: ['mv'] });
    expect(place({ regions: ['mv', 'mv'] })).toMatchObject({ kind: 'insufficient' });
    expect(place({ gpuCount: 5 })).toEqual({ kind: 'insufficient', replicasWanted: 2, available: ['mv'] });
    expect(place({ gpuCount: 5, allowSingleRegion: true })).toEqual(['mv']);
    expect(place({ gpuCount: 9, allowSingleRegion: true })).toMatchObject({ kind: 'insufficient', available: [] });
  });

  it('uses two regions where there are two, even if one is allowed', () => {
    expect(place({ allowSingleRegion: true })).toEqual(['mv', 'ga']);
  });

  it("places one replica in the filesystem's region and nowhere else", () => {
    expect(place({ pinnedRegion: 'ga' })).toEqual(['ga']);
    expect(place({ pinnedRegion: 'xx' })).toEqual({ kind: 'insufficient', replicasWanted: 1, available: [] });
  });
});
