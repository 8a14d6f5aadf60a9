import { ApiError, type PlanQuotas } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { lockQuotas } from './plans.store.js';

/**
 * Refuses one thing more than the account's plan allows: 409 `quota_reached`. `count` runs under the account's lock, which is
 * kept until commit, so that of two creations that race only one takes the last place. Throws 404 for an unknown account and a deleted one.
 */
export async function holdQuota(
  transaction: Transaction,
  accountId: string,
  quota: { readonly name: keyof PlanQuotas; readonly count: () => Promise<number>; readonly adding?: number },
): Promise<void> {
  const quotas = await lockQuotas(transaction, accountId);
  if (quotas === undefined) throw new ApiError('not_found', 'there is no such account');
  const max = quotas[quota.name];
  if ((await quota.count()) + (quota.adding ?? 1) <= max) return;
  throw new ApiError('quota_reached', `the plan allows ${max} at once (${quota.name}): remove one, or ask the operator for more`);
}
