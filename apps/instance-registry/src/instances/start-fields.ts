import { failureOf, nextStanding, progressOf } from '../lifecycle/start.js';
import type { Lifecycle } from '../lifecycle/state-machine.js';
import type { InstanceFields } from './instance-changes.store.js';
import type { StoredInstance } from './instance.js';
import { wantedPodsOf } from './instance-pods.js';

export type StartFields = Pick<InstanceFields, 'phase' | 'phaseSince' | 'failure'>;

const NOT_BEGUN = { phase: null, phaseSince: null };

/** What changes about an instance's start as its state does: nothing where it stands as before. */
export function startFields(current: StoredInstance, wished: Lifecycle, after: Lifecycle, now: Date): StartFields {
  const pods = wantedPodsOf(current);
  const isNewStart = current.lifecycle.desiredState !== 'running' && after.desiredState === 'running';
  // A start that ends and one that begins may come together; each step is seen.
  const standing = nextStanding(nextStanding(isNewStart ? NOT_BEGUN : current.start, wished, pods, now), after, pods, now);
  const isOther = isNewStart || standing.phase !== current.start.phase;
  const hasFailed = after.state === 'failed' && current.lifecycle.state !== 'failed';
  const isOver = current.failure !== null && (isNewStart || after.state === 'running');
  return {
    ...(isOther ? standing : {}),
    ...(hasFailed ? { failure: failureOf(standing.phase, after, pods, now) } : isOver ? { failure: null } : {}),
  };
}

/** Of the bytes of the present phase; a whole percent more is worth telling those who watch. */
export function progressPercent(instance: StoredInstance): number | undefined {
  const progress = progressOf(instance.start.phase, wantedPodsOf(instance));
  return progress === null || !progress.total_bytes ? undefined : Math.floor((progress.done_bytes * 100) / progress.total_bytes);
}
