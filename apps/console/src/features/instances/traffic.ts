import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import { nanoUsd } from '../../format/money.js';
import { type Usage, usageQuery } from '../billing/queries.js';
import { useZone } from '../session/queries.js';
import { type InstanceMetrics, metricsQuery } from './metrics-query.js';

const MINUTE_MS = 60_000;
/** Usage is kept by quarters of an hour. */
const QUARTER_MS = 15 * MINUTE_MS;
const REFRESH_MS = 15_000;
const RECENT_QUARTERS = 4;
const COURSE_REFRESH_MS = 60_000;

/** Calls of the last hour or a little more, a minute; by model id. */
const recentCallsQuery = queryOptions({
  queryKey: ['billing', 'usage', 'recent'],
  queryFn: async () => {
    const from = (Math.floor(Date.now() / QUARTER_MS) - RECENT_QUARTERS) * QUARTER_MS;
    const query = { from: new Date(from).toISOString(), group_by: 'model' };
    const usage = (await take(api.GET('/api/v1/billing/usage', { params: { query } }))) as Usage;
    const minutes = (Date.parse(usage.to) - from) / MINUTE_MS;
    return new Map(usage.data.map(({ model = '', calls }) => [model, calls / minutes]));
  },
  refetchInterval: REFRESH_MS,
});

export interface Traffic {
  readonly callsPerMinute: number;
  readonly monthCalls: number;
  readonly monthCost: bigint;
}

const NONE: Traffic = { callsPerMinute: 0, monthCalls: 0, monthCost: 0n };

/** What each model is called, by its id: two questions for the whole list. Undefined until both are answered. */
export function useTraffic(): ((model: string) => Traffic) | undefined {
  const zone = useZone();
  const recent = useQuery(recentCallsQuery).data;
  const month = useQuery(usageQuery('model', 'month', zone)).data;
  if (recent === undefined || month === undefined) return undefined;
  const traffic = new Map<string, Traffic>();
  for (const { model = '', calls, cost_nano_usd: cost } of month.data) {
    const before = traffic.get(model) ?? { ...NONE, callsPerMinute: recent.get(model) ?? 0 };
    traffic.set(model, { ...before, monthCalls: before.monthCalls + calls, monthCost: before.monthCost + nanoUsd(cost) });
  }
  return (model) => traffic.get(model) ?? { ...NONE, callsPerMinute: recent.get(model) ?? 0 };
}

/** The last hour of one instance, where it is asked for; undefined until it is answered. */
export function useLastHour(instanceId: number, isAsked: boolean): InstanceMetrics | undefined {
  return useQuery({ ...metricsQuery(instanceId, '1h'), refetchInterval: COURSE_REFRESH_MS, enabled: isAsked }).data;
}
