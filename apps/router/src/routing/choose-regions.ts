/** A region that can serve an instance now. */
export interface RegionCandidate {
  readonly region: string;
  readonly gatewayUrl: string;
  readonly healthyPods: number;
}

/**
 * Smooth weighted round-robin: each pick adds every region's weight to its credit, takes the one with the most, and
 * charges it the total. Over any run each region is within one call of its share, also while weights change.
 */
export class RegionRotation {
  private readonly credits = new Map<string, number>();

  /**
   * The order in which regions are tried: the one whose turn it is, then the others by healthy pods, then the first once
   * more where it has another pod to offer. That is one attempt for each region and one more.
   */
  order(candidates: readonly RegionCandidate[]): readonly RegionCandidate[] {
    const first = this.pick(candidates);
    if (first === undefined) return [];
    const others = candidates
      .filter((candidate) => candidate !== first)
      .sort((left, right) => right.healthyPods - left.healthyPods);
    const again = [first, ...others].find((candidate) => candidate.healthyPods > 1);
    return again === undefined ? [first, ...others] : [first, ...others, again];
  }

  private pick(candidates: readonly RegionCandidate[]): RegionCandidate | undefined {
    const regions = new Set(candidates.map((candidate) => candidate.region));
    for (const region of this.credits.keys()) if (!regions.has(region)) this.credits.delete(region);
    let total = 0;
    let best: RegionCandidate | undefined;
    for (const candidate of candidates) {
      total += candidate.healthyPods;
      this.credits.set(candidate.region, this.creditOf(candidate) + candidate.healthyPods);
      if (best === undefined || this.creditOf(candidate) > this.creditOf(best)) best = candidate;
    }
    if (best !== undefined) this.credits.set(best.region, this.creditOf(best) - total);
    return best;
  }

  private creditOf(candidate: RegionCandidate): number {
    return this.credits.get(candidate.region) ?? 0;
  }
}
