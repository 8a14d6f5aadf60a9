import { z } from 'zod';
import { resourceId } from '../api/plain-text.js';
import { nanoUsdText } from '../money.js';

const GPUS_MAX = 1_024;
const REPLICAS_MAX = 1_024;

/** What a hold is for: so many GPUs of a type in so many replicas. */
const heldCapacity = {
  account_id: resourceId,
  gpu_type: z.string().min(1).max(64),
  gpu_count: z.int().min(1).max(GPUS_MAX),
  replicas: z.int().min(1).max(REPLICAS_MAX),
};

/** `POST /internal/holds/quote`: what a launch would hold, and whether the account could pay it now. Takes nothing. */
export const quoteHold = z.strictObject(heldCapacity);
export type QuoteHold = z.infer<typeof quoteHold>;

export const holdQuote = z.object({
  /** Of one GPU. */
  hourly_rate_nano_usd: nanoUsdText,
  hold_nano_usd: nanoUsdText,
  affordable: z.boolean(),
});
export type HoldQuote = z.infer<typeof holdQuote>;

/**
 * `PUT /internal/holds/{instance_id}/{run}` of auth-billing, before a launch or start commits. `run` counts the starts of the instance:
 * 1 at its launch, one more at each later start. Idempotent by (instance, run): the same call again gives the same hold.
 * 402 `insufficient_balance` when short, and nothing is taken. A hold that no `instance.changed` with this `run` confirms
 * within `HOLD_UNCONFIRMED_MS` is given back.
 * `DELETE` of the same path gives it back at once, where the launch did not commit.
 */
export const putHold = z.strictObject(heldCapacity);
export type PutHold = z.infer<typeof putHold>;

export const holdRun = z.coerce.number().int().min(1).max(1_000_000_000);

export const HOLD_UNCONFIRMED_MS = 5 * 60_000;

export const holdView = z.object({
  instance_id: z.int(),
  run: z.int(),
  hourly_rate_nano_usd: nanoUsdText,
  hold_nano_usd: nanoUsdText,
  cycle_ends_at: z.iso.datetime(),
});
export type HoldView = z.infer<typeof holdView>;
