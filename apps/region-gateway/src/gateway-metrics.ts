import { Counter, Gauge, register } from 'prom-client';
import type { CallOutcome } from './data-plane/forwarded-call.js';
import type { PodTable } from './pods/pod-table.js';

export interface GatewayMetrics {
  countCall(outcome: CallOutcome): void;
  countEjection(): void;
}

/** Several regions may live in one process (and several in one test): each metric is made once and carries the region. */
export function gatewayMetrics(region: string, pods: PodTable): GatewayMetrics {
  const counts = new Map<CallOutcome, number>();
  callCounts.set(region, counts);
  countCalls();
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
  return {
    countCall: (outcome) => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1),
    countEjection: () => ejections.inc({ region }),
  };
}

/** By region. Calls are counted here and told when somebody asks: matching labels would cost more than the count. */
const callCounts = new Map<string, ReadonlyMap<CallOutcome, number>>();

function countCalls(): void {
  const name = 'ecolink_gateway_calls_total';
  if (register.getSingleMetric(name) !== undefined) return;
  new Counter({
    name,
    help: 'Calls by how they ended',
    labelNames: ['region', 'outcome'],
    collect(): void {
      this.reset();
      for (const [region, counts] of callCounts) for (const [outcome, count] of counts) this.inc({ region, outcome }, count);
    },
  });
}

const collectors = new Map<string, () => void>();

function counter(name: string, help: string, labelNames: string[]): Counter {
  return (register.getSingleMetric(name) as Counter | undefined) ?? new Counter({ name, help, labelNames });
}

function gauge(name: string, help: string, labelNames: string[]): Gauge {
  const known = register.getSingleMetric(name) as Gauge | undefined;
  return known ?? new Gauge({ name, help, labelNames, collect: () => collectors.forEach((collect) => collect()) });
}
