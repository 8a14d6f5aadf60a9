import { z } from 'zod';
import { instanceMetricsQuery } from '../api/instance-metrics.js';
import { resourceId } from '../api/plain-text.js';

/**
 * `GET /internal/instance-metrics` of auth-billing, which has the request log; the registry, which knows whose the instance is,
 * asks. `model`: what callers write, by which refusals are found. Answers `instanceMetrics`.
 */
export const instanceMetricsRequest = instanceMetricsQuery.extend({
  account_id: resourceId,
  instance_id: z.coerce.number().int().min(1),
  model: z.string().min(1).max(512),
});
export type InstanceMetricsRequest = z.infer<typeof instanceMetricsRequest>;
