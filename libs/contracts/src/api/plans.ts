import { z } from 'zod';
import { planLimits } from '../events/state.js';
import { listOf } from './list.js';
import { planQuotaFields } from './plan-quotas.js';

export const PLAN_NAME_PATTERN = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const planName = z.string().regex(PLAN_NAME_PATTERN, 'must be lower-case letters, digits, ".", "_" or "-"');

const limit = z.int().min(1).max(2_000_000_000);

const optionalLimit = limit.nullable().default(null);

/** `PUT /admin/v1/plans/{name}`. Limits that are left out do not apply; quotas that are left out have their defaults. */
export const putPlan = z.strictObject({
  requests_per_minute: limit,
  tokens_per_minute: optionalLimit.describe('Of an account, in and out together.'),
  concurrent_requests: optionalLimit.describe('Calls of an account that are in flight at once.'),
  ...planQuotaFields,
});
export type PutPlan = z.infer<typeof putPlan>;

export const planView = planLimits.extend(planQuotaFields);
export type PlanView = z.output<typeof planView>;

export const planList = listOf(planView);
