import { z } from 'zod';
import { nanoUsdText } from '../money.js';
import { openObject } from '../open-object.js';

/** `pending`: taken for a launch that has not committed yet. `released`: the run is over and settled. `depleted`: it ended for want of credit. */
export const holdStatus = z.enum(['pending', 'held', 'released', 'depleted']);
export type HoldStatus = z.infer<typeof holdStatus>;

/**
 * `ecolink.hold.changed.v1`: the hold of an instance's run. Key: `instance_id`. Whoever runs instances ends one whose run is `depleted`
 * with the reason `credit_depleted`, and shows hold, rate and end of the cycle.
 */
export const holdState = openObject({
  version: z.int().min(1),
  instance_id: z.int().min(1),
  account_id: z.string(),
  run: z.int().min(1).describe('Which start of the instance; a later one has a higher number.'),
  status: holdStatus,
  cycle: z.int().min(1).describe('Number of the billing cycle within the run.'),
  hourly_rate_nano_usd: nanoUsdText.describe('Of one GPU, in force at the start of the cycle.'),
  hold_nano_usd: nanoUsdText.describe('What is held for this cycle; "0" once the run is over.'),
  partial: z.boolean().describe('True where the balance did not cover a whole cycle.'),
  cycle_started_at: z.iso.datetime(),
  cycle_ends_at: z.iso.datetime().describe('When it is settled and renewed, or ends.'),
});
export type HoldState = z.infer<typeof holdState>;
