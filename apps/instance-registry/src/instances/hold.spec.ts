import { holdNanoUsd } from './hold.js';

describe('holdNanoUsd', () => {
  it('is rate × GPUs × replicas × 24 h, exactly', () => {
    expect(holdNanoUsd(3_200_000_000n, 2, 2)).toBe(307_200_000_000n);
    expect(holdNanoUsd(0n, 8, 2)).toBe(0n);
  });
});
