import type { Prices } from '@ecolink/contracts';

/** Prices of a target from a moment on, until the next version. */
export interface PriceVersion {
  readonly target: string;
  readonly version: number;
  readonly prices: Prices;
  readonly effectiveFrom: Date;
}

/** The versions that a batch may need, by target; built once per batch. */
export class PriceBook {
  private readonly versions = new Map<string, PriceVersion[]>();

  /** `versions` ordered by target and version. */
  constructor(versions: readonly PriceVersion[]) {
    for (const version of versions) {
      const known = this.versions.get(version.target);
      if (known === undefined) this.versions.set(version.target, [version]);
      else known.push(version);
    }
  }

  /**
   * The version in force at a moment. Before the first one that is the first: nothing is called without a price, so an
   * earlier call was admitted by a clock that is behind.
   */
  inForceAt(target: string, at: Date): PriceVersion | undefined {
    const known = this.versions.get(target);
    return known?.findLast((version) => version.effectiveFrom <= at) ?? known?.[0];
  }
}
