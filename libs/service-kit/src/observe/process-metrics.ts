import { performance } from 'node:perf_hooks';
import type { BusStrategy } from '@ecolink/messaging';
import { observedGauge } from './meters.js';

const US_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1_000;

/** Processor time, memory, and how busy the event loop was since the metrics were last read. Nothing runs between two readings. */
export function registerProcessMetrics(): void {
  let before = performance.eventLoopUtilization();
  observedGauge(
    {
      name: 'ecolink_process_event_loop_utilization',
      help: 'Share of time that the event loop was busy, since the last reading',
    },
    'process',
    () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return [{ value: utilization }];
    },
  );
  observedGauge(
    { name: 'ecolink_process_cpu_seconds', help: 'Processor time of this process, user and system' },
    'process',
    () => {
      const { user, system } = process.cpuUsage();
      return [{ value: (user + system) / US_PER_SECOND }];
    },
  );
  observedGauge({ name: 'ecolink_process_resident_bytes', help: 'Memory that this process holds' }, 'process', () => [
    { value: process.memoryUsage.rss() },
  ]);
}

/** How far a service's consumers are behind, and for how long none of them has got on. */
export function registerConsumerMetrics(service: string, strategies: readonly Pick<BusStrategy, 'progress'>[]): void {
  const labelNames = ['service'];
  observedGauge({ name: 'ecolink_consumer_lag_events', help: 'Events that wait for this service', labelNames }, service, () => [
    { labels: { service }, value: strategies.reduce((sum, each) => sum + each.progress().lag, 0) },
  ]);
  observedGauge(
    {
      name: 'ecolink_consumer_stalled_seconds',
      help: 'Seconds for which events have waited and none was handled; 0 where none waits',
      labelNames,
    },
    service,
    () => {
      const stalled = strategies.map((each) => each.progress()).filter(({ lag }) => lag > 0);
      const sinceMs = Math.min(...stalled.map(({ lastProgressAtMs }) => lastProgressAtMs));
      return [{ labels: { service }, value: stalled.length === 0 ? 0 : (Date.now() - sinceMs) / MS_PER_SECOND }];
    },
  );
}
