import { assertNever, type DesiredState, type InstanceState } from '@ecolink/contracts';

/**
 * Observed state of an instance, one step at a time:
 *
 *   pending → starting → running → stopping → stopped → terminated
 *                 ↘ failed ↗            ↘ terminated
 *
 * A start that was given up stays `failed`, though it is to be stopped: the words that came with that say why.
 * An instance never leaves `running` because its pods are lost: it is degraded then, and calls answer 503.
 */
export interface Lifecycle {
  readonly state: InstanceState;
  readonly desiredState: DesiredState;
  readonly degraded: boolean;
  readonly statusReason: string | null;
  /** Words that came with the wish to stop or terminate; they outlive the steps down. */
  readonly actionReason: string | null;
}

/** What is seen of all pods of an instance. */
export interface PodSummary {
  /** How many there should be. */
  readonly desired: number;
  readonly healthy: number;
  /** Still there in any form, healthy or not. */
  readonly present: number;
  readonly failed: number;
  /** Whether any gateway has reported on the instance. */
  readonly reported: boolean;
  /** Why an unhealthy pod is unhealthy. */
  readonly reason: string | null;
}

export interface Step {
  readonly from: InstanceState;
  readonly to: InstanceState;
}

export interface Settled {
  readonly lifecycle: Lifecycle;
  readonly steps: readonly Step[];
}

/** Longest way through the states; more steps than this would be a circle. */
const STEPS_MAX = 6;

/** A gateway ends its pods within the drain limit of 120 s; one that has not said so by then is not waited for. */
export const STOPPING_MAX_MS = 180_000;
/** A gateway asks for its deployments every 10 s. */
const PENDING_USUAL_MS = 30_000;
export const STARTING_USUAL_MS = 600_000;

/**
 * Follows the steps that the observation allows, and says how the instance stands then. Pure; what is settled stays.
 * `waitedMs`: how long the instance has been in its present state.
 */
export function settle(current: Lifecycle, pods: PodSummary, waitedMs: number): Settled {
  const steps: Step[] = [];
  let state = current.state;
  for (;;) {
    const isGivenUp = current.desiredState === 'stopped' && current.actionReason !== null;
    const next =
      state === 'failed' && isGivenUp ? state : nextState(state, current.desiredState, pods, steps.length === 0 ? waitedMs : 0);
    if (next === state) break;
    if (steps.length >= STEPS_MAX) throw new Error(`instance states run in a circle from ${current.state}`);
    steps.push({ from: state, to: next });
    state = next;
  }
  const degraded = state === 'running' && pods.healthy < pods.desired;
  const reason = statusReason(state, current.actionReason, pods, steps.length === 0 ? waitedMs : 0);
  return { lifecycle: { ...current, state, degraded, statusReason: reason }, steps };
}

function nextState(state: InstanceState, desired: DesiredState, pods: PodSummary, waitedMs: number): InstanceState {
  if (state === 'terminated') return state;
  if (desired === 'running') return nextUpwards(state, pods);
  return nextDownwards(state, desired, pods, waitedMs);
}

function nextUpwards(state: Exclude<InstanceState, 'terminated'>, pods: PodSummary): InstanceState {
  switch (state) {
    case 'pending':
      return pods.reported ? 'starting' : state;
    case 'starting':
      if (pods.healthy > 0) return 'running';
      return pods.desired > 0 && pods.failed >= pods.desired && pods.present === 0 ? 'failed' : state;
    case 'failed':
      return pods.healthy > 0 ? 'running' : state;
    case 'stopped':
      return 'pending';
    case 'running':
    case 'stopping':
      return state;
    default:
      return assertNever(state);
  }
}

function nextDownwards(
  state: Exclude<InstanceState, 'terminated'>,
  desired: Exclude<DesiredState, 'running'>,
  pods: PodSummary,
  waitedMs: number,
): InstanceState {
  switch (state) {
    case 'pending':
    case 'starting':
    case 'running':
    case 'failed':
      return 'stopping';
    case 'stopping':
      return pods.present === 0 || waitedMs > STOPPING_MAX_MS ? desired : state;
    case 'stopped':
      return desired;
    default:
      return assertNever(state);
  }
}

function statusReason(state: InstanceState, actionReason: string | null, pods: PodSummary, waitedMs: number): string | null {
  switch (state) {
    case 'pending':
      return waitedMs > PENDING_USUAL_MS ? 'No region gateway has reported on it yet' : 'Waiting for the region gateway';
    case 'starting':
      return because(
        waitedMs > STARTING_USUAL_MS ? 'No pod became healthy within 10 minutes' : 'Waiting for the first healthy pod',
        pods.reason,
      );
    case 'running':
      return pods.healthy < pods.desired ? because(`${pods.healthy} of ${pods.desired} pods are healthy`, pods.reason) : null;
    case 'failed':
      return actionReason ?? because('No pod could be started', pods.reason);
    case 'stopping':
      return actionReason ?? 'Waiting for the pods to finish their calls';
    case 'stopped':
    case 'terminated':
      return actionReason;
    default:
      return assertNever(state);
  }
}

function because(text: string, reason: string | null): string {
  return reason === null ? text : `${text}: ${reason}`;
}
