import { z } from 'zod';
import { unitsDto } from '../pricing.js';

/** How a call ended. Only calls that gave output are billed; `failed` never carries units beyond the request itself. */
export const usageOutcome = z.enum(['completed', 'client_aborted', 'upstream_cut', 'upstream_error', 'failed']);
export type UsageOutcome = z.infer<typeof usageOutcome>;

/** `ecolink.usage.recorded.v1`: one for every call that was sent to a pod. Key: account. */
export const usageRecorded = z.object({
  event_id: z.string().min(1).max(64),
  /** The journal that wrote it: `router/<router_id>`. */
  source: z.string().min(1).max(128),
  /** Place in that journal; only grows. `account.changed` says up to which one a balance includes. */
  journal_position: z.int().min(0),
  account_id: z.string().min(1).max(64),
  key_id: z.string().min(1).max(64),
  instance_id: z.int().min(1).nullable(),
  platform_model_id: z.string().max(512).nullable(),
  model: z.string().max(512),
  endpoint: z.string().max(512),
  region: z.string().max(64).nullable(),
  /** When the call was admitted: the price version in force then is the one that counts. */
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime(),
  outcome: usageOutcome,
  /** The status that the client saw. */
  status: z.int().min(0).max(999),
  units: unitsDto,
  /** True when the upstream reported no usage and tokens were counted from bytes. */
  estimated: z.boolean(),
  /** False for a call that failed before any output: recorded, never billed. */
  billable: z.boolean(),
  ttft_ms: z.number().min(0).nullable(),
  source_tag: z.string().max(128).nullable(),
  request_id: z.string().min(1).max(128),
});
export type UsageRecorded = z.infer<typeof usageRecorded>;
