import { isLaterPhase, type StartFailure, type StartPhase } from '@ecolink/contracts';
import type { PodView } from './pod-view.js';
import type { Lifecycle } from './state-machine.js';

/** How far an instance's start has come. */
export interface StartStanding {
  readonly phase: StartPhase | null;
  readonly phaseSince: Date | null;
}

/** How long a phase usually takes at the most; a driver that knows better says so with the pod. */
const LIMIT_SECONDS: Readonly<Record<Exclude<StartPhase, 'ready'>, number>> = {
  scheduled: 600,
  pulling: 1_800,
  downloading: 7_200,
  loading: 1_800,
  warming: 600,
};
const SECOND_MS = 1_000;

/** The furthest phase of the wanted pods. A start never goes back, so that one which dies and begins anew meets its deadline. */
export function nextStanding(before: StartStanding, lifecycle: Lifecycle, pods: readonly PodView[], now: Date): StartStanding {
  const phase = phaseOf(before.phase, lifecycle, pods);
  return phase === before.phase ? before : { phase, phaseSince: phase === null ? null : now };
}

function phaseOf(before: StartPhase | null, { state }: Lifecycle, pods: readonly PodView[]): StartPhase | null {
  switch (state) {
    case 'running':
      return 'ready';
    case 'pending':
      return 'scheduled';
    case 'starting':
      return furthest([before === 'ready' || before === null ? 'scheduled' : before, ...pods.map(startedTo)]);
    case 'failed':
      return before;
    default:
      return null;
  }
}

/** A pod that was ready but is not now has not come to the end of this start. */
function startedTo(pod: PodView): StartPhase {
  if (pod.start === undefined) return pod.state === 'starting' ? 'loading' : 'scheduled';
  return pod.start.phase === 'ready' ? 'warming' : pod.start.phase;
}

function furthest(phases: readonly StartPhase[]): StartPhase {
  return phases.reduce((last, phase) => (isLaterPhase(phase, last) ? phase : last), 'scheduled');
}

/** When the start is given up. `null`: never, as for what runs, or is to be stopped. */
export function deadlineOf({ phase, phaseSince }: StartStanding, lifecycle: Lifecycle, pods: readonly PodView[]): Date | null {
  const isStarting = lifecycle.desiredState === 'running' && ['pending', 'starting', 'failed'].includes(lifecycle.state);
  if (!isStarting || phase === null || phase === 'ready' || phaseSince === null) return null;
  return new Date(phaseSince.getTime() + limitSecondsOf(phase, pods) * SECOND_MS);
}

/** Of several pods that come with limits of their own, the most patient. */
export function limitSecondsOf(phase: Exclude<StartPhase, 'ready'>, pods: readonly PodView[]): number {
  const told = pods.flatMap(({ start }) =>
    start?.phase === phase && start.limit_seconds !== undefined ? [start.limit_seconds] : [],
  );
  return told.length > 0 ? Math.max(...told) : LIMIT_SECONDS[phase];
}

/** Bytes of all pods that are in the instance's phase and know them. */
export function progressOf(phase: StartPhase | null, pods: readonly PodView[]) {
  const known = pods.flatMap(({ start }) => (start?.phase === phase && start.done_bytes !== undefined ? [start] : []));
  if (known.length === 0) return null;
  const totals = known.map((start) => start.total_bytes);
  return {
    done_bytes: sum(known.map((start) => start.done_bytes ?? 0)),
    total_bytes: totals.includes(undefined) ? null : sum(totals.map((total) => total ?? 0)),
  };
}

/** What is kept of a start that failed, beyond the pods that it had. */
export function failureOf(
  phase: StartPhase | null,
  { statusReason, actionReason }: Lifecycle,
  pods: readonly PodView[],
  at: Date,
): StartFailure {
  const logTail = pods.find((pod) => (pod.log_tail?.length ?? 0) > 0)?.log_tail ?? [];
  return {
    at: at.toISOString(),
    phase,
    cause: actionReason ?? statusReason ?? 'it could not be started',
    log_tail: [...logTail],
  };
}

function sum(numbers: readonly number[]): number {
  return Math.round(numbers.reduce((total, number) => total + number, 0));
}
