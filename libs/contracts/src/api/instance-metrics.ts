import { z } from 'zod';
import { nanoUsdText } from '../money.js';
import { queryTime } from './billing.js';
import { queryLimit } from './list.js';

/** `GET /api/v1/instances/{id}/metrics`: equal steps between two moments; the last 24 hours unless told otherwise. */
export const instanceMetricsQuery = z.strictObject({
  from: queryTime.optional(),
  to: queryTime.optional(),
  buckets: queryLimit(48, 200),
});
export type InstanceMetricsQuery = z.infer<typeof instanceMetricsQuery>;

const figures = {
  calls: z.int().describe('Sent to a pod.'),
  calls_per_second: z.number(),
  errors: z.int().describe('Of those calls: failed, cut, or answered with 5xx.'),
  refused: z.int().describe('Answered by EcoLink without a pod, e.g. 429 or 503. Refusals that were only counted are not in it.'),
  input_tokens: z.int(),
  cached_input_tokens: z.int(),
  output_tokens: z.int(),
  cost_nano_usd: nanoUsdText,
  ttft_ms_p50: z.number().nullable().describe('Time to the first token; null where no call had one.'),
  ttft_ms_p95: z.number().nullable(),
  duration_ms_p50: z.number().nullable(),
};

/** Every step is there, also those without a call. `total`: the same over the whole time. */
export const instanceMetrics = z.object({
  object: z.literal('list'),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  step_seconds: z.number(),
  data: z.array(z.object({ at: z.iso.datetime(), ...figures })),
  total: z.object(figures),
});
export type InstanceMetrics = z.infer<typeof instanceMetrics>;
