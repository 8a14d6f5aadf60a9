import { overlappingNetworks } from './overlapping-networks.js';

describe('networks of pods that hold services of the product', () => {
  it('are found when they hold them, and when they lie within', () => {
    expect(overlappingNetworks(['198.18.0.0/15', '10.0.0.0/8'], ['198.18.97.2/24'])).toEqual(['198.18.0.0/15']);
    expect(overlappingNetworks(['198.18.97.0/28'], ['198.18.97.0/24'])).toEqual(['198.18.97.0/28']);
    expect(overlappingNetworks(['fd00::/8'], ['fd12::1/64'])).toEqual(['fd00::/8']);
  });

  it('are none where all lie apart', () => {
    expect(overlappingNetworks(['10.0.0.0/8', '172.16.0.0/12', 'fd00::/8'], ['198.18.97.2/24', '::1/128'])).toEqual([]);
    expect(overlappingNetworks([], ['198.18.97.2/24'])).toEqual([]);
  });
});
