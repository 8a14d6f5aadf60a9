import { isPresent, type PodView } from './pod-view.js';
import type { PodSummary } from './state-machine.js';

export interface SummaryInput {
  /** Everything that is seen, also what is on its way out. */
  readonly all: readonly PodView[];
  /** Those of them that are meant to be there. */
  readonly wanted: readonly PodView[];
  readonly desired: number;
  /** Whether any gateway has said anything about the instance. */
  readonly reported: boolean;
}

/** Adds up the pods of all regions. */
export function summarisePods({ all, wanted, desired, reported }: SummaryInput): PodSummary {
  return {
    desired,
    healthy: wanted.filter((pod) => pod.healthy).length,
    present: all.filter(isPresent).length,
    failed: wanted.filter((pod) => pod.state === 'failed').length,
    reported,
    reason: wanted.find((pod) => !pod.healthy && pod.reason !== null)?.reason ?? null,
  };
}
