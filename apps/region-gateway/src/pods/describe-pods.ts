import type { GatewayPods } from '@ecolink/contracts';
import type { InstancePods, WaitingPod } from './instance-pods.js';
import type { Pod } from './pod.js';

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
  const { health, draining } = pod;
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
  };
}

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
  };
}
