import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import type { JsonOf } from '../../api/json-of.js';
import { Problem } from '../../api/problem.js';

const HOUR_MS = 3_600_000;
export const RANGES = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS, '30d': 720 * HOUR_MS } as const;
export type Range = keyof typeof RANGES;
const BUCKETS = 60;
const REFRESH_MS = 15_000;
export type InstanceMetrics = JsonOf<'/api/v1/instances/{id}/metrics'>;
const NOT_FOUND = 404;

/** What calls to an instance did over time, in equal steps. */
export const metricsQuery = (id: number, range: Range) =>
  queryOptions({
    queryKey: ['instances', 'metrics', id, range],
    queryFn: async () => {
      const query = { from: new Date(Date.now() - RANGES[range]).toISOString(), buckets: BUCKETS };
      return take(api.GET('/api/v1/instances/{id}/metrics', { params: { path: { id: String(id) }, query } }));
    },
    refetchInterval: REFRESH_MS,
    placeholderData: (before: InstanceMetrics | undefined) => before,
    retry: (failures, error) => failures < 1 && !(error instanceof Problem && error.status === NOT_FOUND),
  });
