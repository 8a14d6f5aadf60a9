/** A region that can serve an instance now. */
export interface RegionCandidate {
  readonly region: string;
  readonly gatewayUrl: string;
  readonly healthyPods: number;
}

/** The part of its calls that a region may have, from 0 (it is out) to 1. */
export type ShareOf = (region: string) => number;

const WHOLE: ShareOf = () => 1;
const CREDIT_EPSILON = 1e-9;

/**
 * Smooth weighted round-robin: each pick adds to every region's credit its part of one call, takes the one with the most,
 * and charges it that call. Over any run each region is within one call of its share, also while weights change and other
 * regions come and go.
 */
export class RegionRotation {
  private readonly credits = new Map<string, number>();

  /**
   * The order in which regions are tried: the one whose turn it is, then the others by their weight, then the first once
   * more where it has another pod to offer. That is one attempt for each region and one more. Regions that are out come
   * last, for a call that all others failed; when all of them are out, none is.
   * @param home where the call belongs, whoever's turn it is: it comes first, and takes no one's turn.
   */
  order(candidates: readonly RegionCandidate[], shareOf: ShareOf = WHOLE, home?: RegionCandidate): readonly RegionCandidate[] {
    const isIn = (candidate: RegionCandidate): boolean => shareOf(candidate.region) > 0;
    const someAreIn = candidates.some(isIn);
    const weightOf = ({ region, healthyPods }: RegionCandidate): number => healthyPods * (someAreIn ? shareOf(region) : 1);
    const eligible = someAreIn ? candidates.filter(isIn) : candidates;
    const first = home !== undefined && eligible.includes(home) ? home : this.pick(eligible, weightOf);
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
    this.admit(candidates);
    const total = candidates.reduce((sum, candidate) => sum + weightOf(candidate), 0);
    let best: RegionCandidate | undefined;
    let most = -Infinity;
    for (const candidate of candidates) {
      const credit = this.creditOf(candidate) + weightOf(candidate) / total;
      this.credits.set(candidate.region, credit);
      // Parts like a third are not exact: what is as good as equal goes to the first.
      if (credit > most + CREDIT_EPSILON) [best, most] = [candidate, credit];
    }
    if (best !== undefined) this.credits.set(best.region, most - 1);
    return best;
  }

  /** Forgets who left and lets in who came. All credits together are nothing, so that neither begins ahead or behind. */
  private admit(candidates: readonly RegionCandidate[]): void {
    if (this.credits.size === candidates.length && candidates.every(({ region }) => this.credits.has(region))) return;
    const kept = candidates.map((candidate) => [candidate.region, this.creditOf(candidate)] as const);
    const mean = kept.reduce((sum, [, credit]) => sum + credit, 0) / kept.length;
    this.credits.clear();
    for (const [region, credit] of kept) this.credits.set(region, credit - mean);
  }

  private creditOf(candidate: RegionCandidate): number {
    return this.credits.get(candidate.region) ?? 0;
  }
}
