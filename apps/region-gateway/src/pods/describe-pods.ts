import type { GatewayPods, PodStart } from '@ecolink/contracts';
import type { InstancePods, WaitingPod } from './instance-pods.js';
import type { Pod } from './pod.js';
import type { StartStanding } from './start-progress.js';

export type PodDescription = GatewayPods['pods'][number];

/** Every pod of an instance as others see it: those in use or coming, those without an address, those on the way out. */
export function describePods(instance: InstancePods): PodDescription[] {
  return [
    ...[...instance.pods].map((pod) => describePod(instance.instanceId, pod)),
    ...instance.waitingPods.map((waiting) => describeWaiting(instance.instanceId, waiting)),
    ...instance.drainingPods.map((pod) => describePod(instance.instanceId, pod)),
  ];
}

function describePod(instanceId: number, pod: Pod): PodDescription {
  const { health, draining, ownAddress } = pod;
  return {
    instance_id: instanceId,
    pod_id: pod.podId,
    // An unhealthy pod counts as starting until it is up again: only `ready` ones get calls and are billed.
    state: draining ? 'draining' : health.healthy ? 'ready' : 'starting',
    healthy: pod.ready,
    in_flight: pod.callsInFlight,
    reason: draining ? 'draining: it ends its calls' : health.reason,
    since: new Date(pod.sinceMs).toISOString(),
    last_probe_at: health.lastProbeAtMs === null ? null : new Date(health.lastProbeAtMs).toISOString(),
    last_probe_status: health.lastProbeStatus,
    ...(ownAddress === undefined ? {} : { address: ownAddress }),
    start: startOf(pod.start),
  };
}

/** What has no address yet has begun with none of its phases, unless its driver says so. */
function describeWaiting(instanceId: number, { spec, sinceMs }: WaitingPod): PodDescription {
  return {
    instance_id: instanceId,
    pod_id: spec.podId,
    state: spec.state,
    healthy: false,
    in_flight: 0,
    reason: spec.reason,
    since: new Date(sinceMs).toISOString(),
    last_probe_at: null,
    last_probe_status: null,
    ...(spec.logTail === undefined ? {} : { log_tail: [...spec.logTail] }),
    start: startOf(spec.start ?? { phase: 'scheduled', sinceMs }),
  };
}

function startOf({ phase, sinceMs, limitSeconds, doneBytes, totalBytes }: StartStanding): PodStart {
  return {
    phase,
    since: new Date(sinceMs).toISOString(),
    ...(limitSeconds === undefined ? {} : { limit_seconds: limitSeconds }),
    ...(doneBytes === undefined ? {} : { done_bytes: doneBytes }),
    ...(totalBytes === undefined ? {} : { total_bytes: totalBytes }),
  };
}
