import { z } from 'zod';
import { callAttempt } from '../events/call-attempt.js';
import { usageOutcome } from '../events/usage-recorded.js';
import { nanoUsdText } from '../money.js';
import { unitsDto } from '../pricing.js';
import { queryTime } from './billing.js';
import { listOf, listQueryWith, queryLimit } from './list.js';
import { resourceId } from './plain-text.js';

/** How a call ended as its client saw it. */
export const requestOutcome = z.enum([...usageOutcome.options, 'refused']);
export type RequestOutcome = z.infer<typeof requestOutcome>;

const filterText = z.string().min(1).max(512);

const filters = {
  from: queryTime.optional(),
  to: queryTime.optional(),
  key_id: resourceId.optional(),
  model: filterText.optional(),
  endpoint: filterText.optional(),
  status: z
    .string()
    .regex(/^[0-9]{1,3}$/, 'must be an HTTP status')
    .transform(Number)
    .optional()
    .meta({ type: 'integer' }),
  code: filterText.optional(),
  outcome: requestOutcome.optional(),
  region: filterText.optional(),
  source_tag: filterText.optional(),
};

/** `GET /api/v1/requests`: the request log, newest first. */
export const requestsQuery = listQueryWith({ ...filters, format: z.enum(['json', 'csv']).default('json') });
export type RequestsQuery = z.infer<typeof requestsQuery>;

/** `GET /api/v1/requests/histogram`: the same filters, counted in equal steps of time. */
export const requestsHistogramQuery = z.strictObject({ ...filters, buckets: queryLimit(60, 200) });
export type RequestsHistogramQuery = z.infer<typeof requestsHistogramQuery>;

/** One answer that a key of the account was given. No prompt and no answer is ever kept. */
export const requestView = z.object({
  id: z.string().describe('The request id of the answer’s headers.'),
  started_at: z.iso.datetime(),
  key_id: z.string(),
  model: z.string().nullable(),
  endpoint: z.string(),
  status: z.int(),
  code: z.string().nullable(),
  outcome: requestOutcome,
  region: z.string().nullable(),
  attempts: z.array(callAttempt),
  ttft_ms: z.number().nullable(),
  duration_ms: z.number(),
  units: unitsDto.nullable(),
  estimated: z.boolean(),
  cost_nano_usd: nanoUsdText,
  source_tag: z.string().nullable(),
  instance_id: z.int().nullable(),
  platform_model_id: z.string().nullable(),
});
export type RequestView = z.infer<typeof requestView>;

export const requestList = listOf(requestView).extend({
  counted_refusals: z.int().describe('Refusals in the same time and with the same key and code that were counted and not kept.'),
  searched_to: z.iso
    .datetime()
    .nullable()
    .describe('Set where the log was too long to be searched at once: how far it was searched. `last_id` goes on from there.'),
});
export type RequestList = z.infer<typeof requestList>;

export const requestsHistogram = z.object({
  object: z.literal('list'),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  step_seconds: z.number(),
  data: z.array(z.object({ at: z.iso.datetime(), outcome: requestOutcome, count: z.int() })),
});
export type RequestsHistogram = z.infer<typeof requestsHistogram>;
