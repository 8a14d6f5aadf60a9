import { ApiError, type CreateAccount } from '@ecolink/contracts';
import { appendEvents, type Transaction } from '@ecolink/database';
import { PLAN_DEFAULT } from '../../pricing/plans/plan-default.js';
import { lockPlan } from '../../pricing/plans/plans.store.js';
import { readAccountEvents } from './account-state.store.js';
import { addOwner, insertAccount } from './accounts.store.js';

/** A new account with a balance of 0, its owner where an address is given, and the event that tells every router. */
export async function createAccountWithOwner(
  transaction: Transaction,
  request: CreateAccount,
  now: Date,
): Promise<{ accountId: string; ownerId: string | undefined }> {
  const { accountId, ownerId } = await createAccountWithoutEvent(transaction, request, now);
  await appendEvents(transaction, await readAccountEvents(transaction, [accountId], now));
  return { accountId, ownerId };
}

/** The same without the event, for a caller that changes the account further before it commits. */
export async function createAccountWithoutEvent(transaction: Transaction, request: CreateAccount, now: Date) {
  const planName = request.plan ?? PLAN_DEFAULT;
  if ((await lockPlan(transaction, planName)) === undefined)
    throw new ApiError('invalid_request', `there is no plan ${planName}`, { param: 'plan' });
  const accountId = await insertAccount(transaction, { name: request.name, planName }, now);
  const ownerId =
    request.owner_email === undefined ? undefined : await addOwner(transaction, accountId, request.owner_email, now);
  return { accountId, ownerId };
}
