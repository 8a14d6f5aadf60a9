import type { PodTable } from './pods/pod-table.js';
import { hasVerdict } from './probes/pod-health.js';

/** Pods that say nothing at all must not keep the others from being believed. */
const FIRST_VERDICTS_MAX_MS = 3_000;

/**
 * Whether what this gateway says about its pods is to be taken as the whole truth: it knows what to run, and each of those
 * pods has been looked at. A gateway that restarts would otherwise report healthy pods as unhealthy until it has probed them.
 */
export class FirstSyncGate {
  #isSynchronised = false;
  #loadedAtMs: number | undefined;

  constructor(
    private readonly feed: { readonly isLoaded: boolean },
    private readonly pods: PodTable,
  ) {}

  read(): boolean {
    if (this.#isSynchronised || !this.feed.isLoaded) return this.#isSynchronised;
    this.#loadedAtMs ??= performance.now();
    const isOver = performance.now() - this.#loadedAtMs > FIRST_VERDICTS_MAX_MS;
    this.#isSynchronised =
      isOver || [...this.pods.instances].every((instance) => [...instance.pods].every((pod) => hasVerdict(pod.health)));
    return this.#isSynchronised;
  }
}
