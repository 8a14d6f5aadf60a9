import { ApiError } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { findUserByEmail, insertUser, markEmailVerified } from '../users/users.store.js';
import type { ProvenIdentity } from './oidc-provider.js';
import { findIdentity, insertIdentity, isAddressProven } from './oidc.store.js';

/**
 * The user of a proven identity. The first time it is connected: to the user who is signed in, else to the one with its
 * address, else to a new one. A user whose own address was never proven is not handed over, since anybody may have
 * signed up with it: 400 `oidc_failed`, until that user signs in and connects the provider.
 */
export async function userOfIdentity(
  transaction: Transaction,
  identity: ProvenIdentity,
  signedInUserId: string | null,
  now: Date,
): Promise<{ readonly userId: string; readonly isNew: boolean }> {
  const { issuer, subject, email } = identity;
  const known = await findIdentity(transaction, issuer, subject);
  if (known !== undefined) {
    if (signedInUserId !== null && signedInUserId !== known) refuse('this identity is connected to another user');
    return { userId: known, isNew: false };
  }
  const existing = signedInUserId ?? (await userWithAddress(transaction, email, now));
  const userId = existing ?? (await insertUser(transaction, { email, passwordHash: null, emailVerifiedAt: now }, now));
  if (userId === undefined) refuse('this address has just been signed up: begin again');
  await insertIdentity(transaction, { issuer, subject, userId }, now);
  return { userId, isNew: existing === undefined };
}

async function userWithAddress(transaction: Transaction, email: string, now: Date): Promise<string | undefined> {
  const user = await findUserByEmail(transaction, email);
  if (user === undefined) return undefined;
  if (!(await isAddressProven(transaction, user.id))) {
    refuse('this address has a user with a password: sign in with it, then connect the provider');
  }
  await markEmailVerified(transaction, user.id, now);
  return user.id;
}

function refuse(message: string): never {
  throw new ApiError('oidc_failed', message);
}
