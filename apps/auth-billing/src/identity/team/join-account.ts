import { type AccountOfUser, ApiError } from '@ecolink/contracts';
import { appendEvents, type Transaction } from '@ecolink/database';
import type { Actor } from '@ecolink/service-kit';
import type { NewNotification } from '../../notifications/raise/notification.js';
import { raiseNotifications } from '../../notifications/raise/raise.store.js';
import { recordAccountAudit } from '../../operations/audit/account-audit.store.js';
import { holdQuota } from '../../pricing/plans/hold-quota.js';
import { findUserById } from '../users/users.store.js';
import { findOpenInvite, takeInvite } from './invites.store.js';
import { countMembers, findMembership, insertMembership } from './members.store.js';

/**
 * Makes a user a member of the account of an invite, uses the invite up and tells the account. Throws 410 for one that is not open (any more),
 * 409 for a user who belongs to the account already (the invite stays open) and where the plan allows no more members.
 */
export async function joinAccount(
  transaction: Transaction,
  joining: { readonly inviteId: string | undefined; readonly userId: string; readonly actor: Actor },
  now: Date,
): Promise<AccountOfUser> {
  const { inviteId, userId, actor } = joining;
  const open = inviteId === undefined ? undefined : await findOpenInvite(transaction, inviteId, now);
  if (open === undefined) refuseExpired();
  const { accountId } = open;
  await holdQuota(transaction, accountId, { name: 'max_members', count: () => countMembers(transaction, accountId) });
  if ((await findMembership(transaction, accountId, userId)) !== undefined) {
    throw new ApiError('invalid_state', 'you belong to this account already');
  }
  const invite = await takeInvite(transaction, open.id, userId, now);
  if (invite === undefined) refuseExpired();
  await insertMembership(transaction, { accountId, userId, role: invite.role }, now);
  const after = { user_id: userId, role: invite.role };
  await recordAccountAudit(transaction, { accountId, actor, action: 'invite.accepted', target: invite.id, after }, now);
  const email = (await findUserById(transaction, userId))?.email ?? userId;
  const told: NewNotification = {
    accountId,
    kind: 'invite_accepted',
    severity: 'info',
    title: `${email} joined`,
    text: `${email} accepted an invite and is ${invite.role === 'owner' ? 'an owner' : 'a member'} of ${invite.accountName} now.`,
    subject: { kind: 'user', id: userId },
    onceKey: `invite:${invite.id}`,
  };
  await appendEvents(transaction, await raiseNotifications(transaction, [told], now));
  return { id: accountId, name: invite.accountName, role: invite.role };
}

export function refuseExpired(): never {
  throw new ApiError('invite_expired', 'this link was used, was revoked or has expired; ask for a new one');
}
