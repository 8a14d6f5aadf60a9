import { z } from 'zod';
import { openObject } from '../open-object.js';
import { unitsDto } from '../pricing.js';
import { callAttempt, CALL_ATTEMPTS_MAX } from './call-attempt.js';

/** How a call ended. Only calls that gave output are billed; `failed` never carries units beyond the request itself. */
export const usageOutcome = z.enum(['completed', 'client_aborted', 'upstream_cut', 'upstream_error', 'failed']);
export type UsageOutcome = z.infer<typeof usageOutcome>;

/** `ecolink.usage.recorded.v1`: one for every call that was sent to a pod. Key: account. */
export const usageRecorded = openObject({
  event_id: z.string().min(1).max(64),
  source: z.string().min(1).max(128).describe('The journal that wrote it: `router/<router_id>`.'),
  journal_position: z
    .int()
    .min(0)
    .describe('Place in that journal; only grows. `account.changed` says up to which one a balance includes.'),
  account_id: z.string().min(1).max(64),
  key_id: z.string().min(1).max(64),
  instance_id: z.int().min(1).nullable(),
  platform_model_id: z.string().max(512).nullable(),
  model: z.string().max(512),
  endpoint: z.string().max(512),
  region: z.string().max(64).nullable(),
  started_at: z.iso.datetime().describe('When the call was admitted: the price version in force then is the one that counts.'),
  ended_at: z.iso.datetime(),
  outcome: usageOutcome,
  status: z.int().min(0).max(999).describe('The HTTP status that the client saw.'),
  units: unitsDto,
  estimated: z.boolean().describe('True when the upstream reported no usage and tokens were counted from bytes.'),
  billable: z.boolean().describe('False for a call that failed before any output: recorded, never billed.'),
  ttft_ms: z.number().min(0).nullable(),
  source_tag: z.string().max(128).nullable(),
  request_id: z.string().min(1).max(128),
  attempts: z
    .array(callAttempt)
    .max(CALL_ATTEMPTS_MAX)
    .optional()
    .describe('The tries of a call that did not succeed at its first; absent otherwise.'),
  anomalies: z
    .array(z.string().max(64))
    .optional()
    .describe('What the upstream reported and was not believed: `cached_above_input`.'),
  refund_of: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe(
      'Of a job that failed after it was billed: the `request_id` of the call that began it. Such an event is no call and has no units; what that call cost is given back once, however many say so.',
    ),
});
export type UsageRecorded = z.infer<typeof usageRecorded>;
