import type { BarState } from '../../ui/region-chip.js';
import type { DotKind } from '../../ui/state-dot.js';
import { text } from '../../text/index.js';
import type { Instance } from './queries.js';

export const LIVE_STATES: ReadonlySet<string> = new Set(['pending', 'starting', 'running', 'stopping']);

/** The mark, word and cause of an instance's state. */
export function stateOf(instance: Pick<Instance, 'state' | 'degraded' | 'status_reason' | 'termination_reason'>): {
  kind: DotKind;
  word: string;
  cause: string | undefined;
} {
  const { state, degraded, status_reason: reason, termination_reason: termination } = instance;
  const words = text.instances.words;
  if (state === 'running' && degraded) return { kind: 'degraded', word: words.degraded, cause: reason ?? undefined };
  if (state === 'terminated') {
    return {
      kind: 'stopped',
      word: words.terminated,
      cause: termination === null ? (reason ?? undefined) : text.instances.terminations[termination],
    };
  }
  const kinds: Record<Exclude<Instance['state'], 'terminated'>, DotKind> = {
    pending: 'starting',
    starting: 'starting',
    running: 'running',
    stopping: 'starting',
    stopped: 'stopped',
    failed: 'failed',
  };
  return { kind: kinds[state], word: words[state], cause: reason ?? undefined };
}

type Pod = Instance['deployments'][number]['pods'][number];

/** One bar for each pod of a region. */
export function barsOf(pods: readonly Pod[], state: Instance['state']): BarState[] {
  if (pods.length === 0 && state === 'stopped') return ['stopped'];
  return pods.map((pod) => {
    if (state === 'stopped' || state === 'terminated' || pod.state === 'stopped') return 'stopped';
    if (pod.healthy && pod.state === 'ready') return 'ready';
    return pod.state === 'pending' || pod.state === 'starting' ? 'starting' : 'down';
  });
}

/** GPUs that an instance takes now; 0 for servers that run elsewhere. */
export function gpusOf(instance: Instance): number {
  if (!LIVE_STATES.has(instance.state)) return 0;
  const replicas = instance.deployments.reduce((sum, { pods }) => sum + pods.length, 0);
  return (instance.gpu_count ?? 0) * replicas;
}

export function replicasOf(instance: Pick<Instance, 'deployments'>): number {
  return instance.deployments.reduce((sum, { pods }) => sum + pods.length, 0);
}

/** What an instance costs in an hour with all its replicas ready. */
export function hourlyCostOf(instance: Instance): bigint {
  return BigInt(instance.hourly_rate_nano_usd) * BigInt(instance.gpu_count ?? 0) * BigInt(replicasOf(instance));
}
