import { setFlagsFromString } from 'node:v8';

/**
 * For processes that calls go through: what they make lives as long as a call, and little of it outlives a short collection.
 * - V8 watches what does and from then on makes such objects where only long collections look. At the start of a load it can
 *   take a small array of a call for one of them, and then everything a call has touched lives as long as that array: short
 *   collections take ten times as long, for minutes.
 * - For so little to be moved, waking helper threads and waiting for them costs more than they take over.
 */
export function tuneCollectorForCalls(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  setFlagsFromString('--no-parallel-scavenge');
}
