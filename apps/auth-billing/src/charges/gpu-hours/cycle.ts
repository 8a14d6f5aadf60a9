const HOUR_MS = 3_600_000n;

/** A rest of a balance that would not last so long is left to the account: the run ends instead. */
const PARTIAL_PERIOD_MIN_MS = 1_000n;

export interface Capacity {
  /** Nano-USD of one GPU for an hour. */
  readonly hourlyRateNanoUsd: bigint;
  readonly gpuCount: number;
}

/** What a cycle costs for cumulative ready time of replicas: ⌈rate × GPUs × ready time ÷ 1 h⌉, rounded once. */
export function cycleCost({ hourlyRateNanoUsd, gpuCount }: Capacity, readyMs: bigint): bigint {
  return ceilDivided(hourlyRateNanoUsd * BigInt(gpuCount) * readyMs, HOUR_MS);
}

/** What a whole cycle of all replicas can cost: what is held for it. */
export function wholeHold(capacity: Capacity, replicas: number, periodMs: number): bigint {
  return cycleCost(capacity, BigInt(replicas) * BigInt(periodMs));
}

export type NextHold =
  { readonly kind: 'whole' | 'partial'; readonly holdNanoUsd: bigint; readonly periodMs: number } | { readonly kind: 'none' };

/**
 * The hold of the next cycle: the whole one if the available balance covers it, else all of the balance for the part of a
 * period that it pays for with every replica ready, else none.
 */
export function nextHold(availableNanoUsd: bigint, wholeNanoUsd: bigint, periodMs: number): NextHold {
  if (availableNanoUsd >= wholeNanoUsd) return { kind: 'whole', holdNanoUsd: wholeNanoUsd, periodMs };
  if (availableNanoUsd <= 0n) return { kind: 'none' };
  const partMs = (BigInt(periodMs) * availableNanoUsd) / wholeNanoUsd;
  if (partMs < PARTIAL_PERIOD_MIN_MS) return { kind: 'none' };
  return { kind: 'partial', holdNanoUsd: availableNanoUsd, periodMs: Number(partMs) };
}

function ceilDivided(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
