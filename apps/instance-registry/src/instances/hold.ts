const HOLD_HOURS = 24n;

/** What is set aside for an instance: its hourly rate per GPU × GPUs × replicas × 24 h. */
export function holdNanoUsd(hourlyRateNanoUsd: bigint, gpuCount: number, replicas: number): bigint {
  return hourlyRateNanoUsd * BigInt(gpuCount) * BigInt(replicas) * HOLD_HOURS;
}
