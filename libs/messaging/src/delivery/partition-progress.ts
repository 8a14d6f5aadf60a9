import type { Progress } from '../event-bus.js';

export interface PartitionProgress {
  /** Events that are known to wait; a lower bound once it is large. */
  pending: number;
  /** When something of it was handled last, or nothing was left to handle. */
  progressAtMs: number;
}

/** The partition that stands still longest while events wait in it decides: the others' progress must not hide it. */
export function progressOf(partitions: readonly PartitionProgress[], idleSinceMs: number): Progress {
  const lagging = partitions.filter((partition) => partition.pending > 0);
  return {
    lag: lagging.reduce((sum, partition) => sum + partition.pending, 0),
    lastProgressAtMs: lagging.length > 0 ? Math.min(...lagging.map((partition) => partition.progressAtMs)) : idleSinceMs,
  };
}

/** Takes over a fresh count of what waits in each partition. */
export function notePending(partitions: readonly PartitionProgress[], counts: readonly number[], nowMs: number): void {
  partitions.forEach((partition, index) => {
    const count = counts[index];
    if (count === undefined) return;
    partition.pending = count;
    if (count === 0) partition.progressAtMs = nowMs;
  });
}
