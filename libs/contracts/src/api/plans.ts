import { z } from 'zod';
import { planLimits } from '../events/state.js';
import { listOf } from './list.js';

export const PLAN_NAME_PATTERN = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const planName = z.string().regex(PLAN_NAME_PATTERN, 'must be lower-case letters, digits, ".", "_" or "-"');

const limit = z.int().min(1).max(2_000_000_000);

/** A limit that routers do not hold yet is refused rather than stored without effect. */
const notHeldYet = limit
  .nullable()
  .default(null)
  .refine((value) => value === null, 'is not enforced yet: leave it out');

/** `PUT /admin/v1/plans/{name}`. Limits that are left out do not apply. */
export const putPlan = z.strictObject({
  requests_per_minute: limit,
  tokens_per_minute: notHeldYet,
  concurrent_requests: notHeldYet,
});
export type PutPlan = z.infer<typeof putPlan>;

export const planView = planLimits;
export type PlanView = z.infer<typeof planView>;

export const planList = listOf(planView);
