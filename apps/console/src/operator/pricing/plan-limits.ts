/** Limits of calls: empty is no limit, but for the first, which a plan always has. */
const RATE_LIMITS = ['requests_per_minute', 'tokens_per_minute', 'concurrent_requests'] as const;

/** How many things an account may have at once. */
export const QUOTAS = [
  'max_keys',
  'max_models',
  'max_instances',
  'max_pods',
  'max_members',
  'max_invites',
  'max_channels',
  'max_sessions',
] as const;

export const PLAN_LIMITS = [...RATE_LIMITS, ...QUOTAS] as const;
