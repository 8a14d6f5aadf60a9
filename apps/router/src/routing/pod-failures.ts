import { HEADER } from '@ecolink/contracts';

/** Of one region, while it is not called; a region has rarely more that fail. */
const PODS_MAX = 16;

/**
 * Pods of one instance that failed a call which another pod then answered well. Only a router can know that, and only their
 * gateway can leave them out: it is told with the next call to it.
 */
export class PodFailures {
  private readonly waiting = new Map<string, Set<string>>();

  note(region: string, pod: string): void {
    const pods = this.waiting.get(region);
    if (pods === undefined) this.waiting.set(region, new Set([pod]));
    else if (pods.size < PODS_MAX) pods.add(pod);
  }

  /**
   * The headers of a call to a region, with what its gateway is to know: pods that are proven to have failed, told once, and
   * the pods that this very call has tried already.
   */
  takeHeadersFor(region: string, headers: string[], tried: readonly string[]): string[] {
    const failed = this.waiting.get(region);
    if (failed === undefined && tried.length === 0) return headers;
    this.waiting.delete(region);
    const told = [...headers];
    if (failed !== undefined) told.push(HEADER.failedPods, [...failed].join(','));
    if (tried.length > 0) told.push(HEADER.triedPods, tried.join(','));
    return told;
  }
}
