/** A region that can serve an instance now. */
export interface RegionCandidate {
  readonly region: string;
  readonly gatewayUrl: string;
  readonly healthyPods: number;
}

/** The part of its calls that a region may have, from 0 (it is out) to 1. */
export type ShareOf = (region: string) => number;

const WHOLE: ShareOf = () => 1;

/**
 * Smooth weighted round-robin: each pick adds every region's weight to its credit, takes the one with the most, and
 * charges it the total. Over any run each region is within one call of its share, also while weights change.
 */
export class RegionRotation {
  private readonly credits = new Map<string, number>();

  /**
   * The order in which regions are tried: the one whose turn it is, then the others by their weight, then the first once
   * more where it has another pod to offer. That is one attempt for each region and one more. Regions that are out come
   * last, for a call that all others failed; when all of them are out, none is.
   */
  order(candidates: readonly RegionCandidate[], shareOf: ShareOf = WHOLE): readonly RegionCandidate[] {
    const isIn = (candidate: RegionCandidate): boolean => shareOf(candidate.region) > 0;
    const someAreIn = candidates.some(isIn);
    const weightOf = ({ region, healthyPods }: RegionCandidate): number => healthyPods * (someAreIn ? shareOf(region) : 1);
    const eligible = someAreIn ? candidates.filter(isIn) : candidates;
    const first = this.pick(eligible, weightOf);
    if (first === undefined) return [];
    const others = eligible.filter((candidate) => candidate !== first).sort((left, right) => weightOf(right) - weightOf(left));
    const again = [first, ...others].find((candidate) => candidate.healthyPods > 1);
    const lastResorts = candidates.filter((candidate) => !eligible.includes(candidate));
    return [first, ...others, ...(again === undefined ? [] : [again]), ...lastResorts];
  }

  private pick(
    candidates: readonly RegionCandidate[],
    weightOf: (candidate: RegionCandidate) => number,
  ): RegionCandidate | undefined {
    const regions = new Set(candidates.map((candidate) => candidate.region));
    for (const region of this.credits.keys()) if (!regions.has(region)) this.credits.delete(region);
    let total = 0;
    let best: RegionCandidate | undefined;
    for (const candidate of candidates) {
      const weight = weightOf(candidate);
      total += weight;
      this.credits.set(candidate.region, this.creditOf(candidate) + weight);
      if (best === undefined || this.creditOf(candidate) > this.creditOf(best)) best = candidate;
    }
    if (best !== undefined) this.credits.set(best.region, this.creditOf(best) - total);
    return best;
  }

  private creditOf(candidate: RegionCandidate): number {
    return this.credits.get(candidate.region) ?? 0;
  }
}
