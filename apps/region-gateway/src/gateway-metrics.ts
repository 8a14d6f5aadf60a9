import { Counter, Gauge, register } from 'prom-client';
import type { CallOutcome } from './data-plane/forwarded-call.js';
import type { PodTable } from './pods/pod-table.js';

export interface GatewayMetrics {
  countCall(outcome: CallOutcome): void;
  countEjection(): void;
}

/** Several regions may live in one process (and several in one test): each metric is made once and carries the region. */
export function gatewayMetrics(region: string, pods: PodTable): GatewayMetrics {
  const calls = counter('ecolink_gateway_calls_total', 'Calls by how they ended', ['region', 'outcome']);
  const ejections = counter('ecolink_gateway_pod_ejections_total', 'Times that a pod was left out because it failed calls', [
    'region',
  ]);
  const podGauge = gauge('ecolink_gateway_pods', 'Pods by whether they get calls', ['region', 'ready']);
  const inFlight = gauge('ecolink_gateway_calls_in_flight', 'Calls that have a pod', ['region']);
  collectors.set(region, () => {
    const all = [...pods.instances].flatMap((instance) => [...instance.pods]);
    const ready = all.filter((pod) => pod.ready).length;
    podGauge.set({ region, ready: 'yes' }, ready);
    podGauge.set({ region, ready: 'no' }, all.length - ready);
    inFlight.set(
      { region },
      all.reduce((sum, pod) => sum + pod.callsInFlight, 0),
    );
  });
  return { countCall: (outcome) => calls.inc({ region, outcome }), countEjection: () => ejections.inc({ region }) };
}

const collectors = new Map<string, () => void>();

function counter(name: string, help: string, labelNames: string[]): Counter {
  return (register.getSingleMetric(name) as Counter | undefined) ?? new Counter({ name, help, labelNames });
}

function gauge(name: string, help: string, labelNames: string[]): Gauge {
  const known = register.getSingleMetric(name) as Gauge | undefined;
  return known ?? new Gauge({ name, help, labelNames, collect: () => collectors.forEach((collect) => collect()) });
}
