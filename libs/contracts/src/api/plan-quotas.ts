import { z } from 'zod';

const COUNT_MAX = 1_000_000;

function quota(fallback: number, least = 0) {
  return z.int().min(least).max(COUNT_MAX).default(fallback);
}

/** How many things an account of a plan may have at once; what would exceed it is 409 `quota_reached`. `max_sessions` is per user. */
export const planQuotaFields = {
  max_keys: quota(100),
  max_models: quota(200),
  max_instances: quota(50),
  max_pods: quota(256),
  max_members: quota(100, 1),
  max_invites: quota(100),
  max_channels: quota(20),
  max_sessions: quota(20, 1),
};

export const planQuotas = z.object(planQuotaFields);
export type PlanQuotas = z.output<typeof planQuotas>;
