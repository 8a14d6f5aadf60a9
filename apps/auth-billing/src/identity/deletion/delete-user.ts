import { ApiError } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import type { Actor } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { recordAccountAudit } from '../../operations/audit/account-audit.store.js';
import { lockQuotas } from '../../pricing/plans/plans.store.js';
import { SignIn } from '../sessions/sign-in.service.js';
import { countOwners, deleteMembership } from '../team/members.store.js';
import { findUserById } from '../users/users.store.js';
import { eraseUser, readMemberships } from './erase-user.store.js';

/** Deletes people. What they made in accounts stays there, under their id. */
@Injectable()
export class DeleteUser {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SignIn) private readonly signIn: SignIn,
  ) {}

  /** A user's own wish. Throws 400 without the present password where there is one, 401 for a wrong one. */
  async byThemselves(userId: string, password: string | undefined, from: { network: string; requestId: string }): Promise<void> {
    const user = await findUserById(this.database.client, userId);
    if (user === undefined) throw new ApiError('session_required', 'this user is no longer there');
    if (user.passwordHash !== null) {
      if (password === undefined) {
        throw new ApiError('invalid_request', 'current_password: is needed', { param: 'current_password' });
      }
      await this.signIn.confirm(user, password, from.network);
    }
    await this.delete(userId, { kind: 'user', id: userId, requestId: from.requestId });
  }

  /** Throws 404 for an unknown user, 409 `last_owner` where an account would be left without an owner: then nothing has happened. */
  async delete(userId: string, actor: Actor): Promise<void> {
    const now = this.clock();
    await this.database.transaction(async (transaction) => {
      for (const { accountId } of await readMemberships(transaction, userId)) await lockQuotas(transaction, accountId);
      const memberships = await readMemberships(transaction, userId);
      for (const { accountId, role } of memberships) {
        if (role === 'owner' && (await countOwners(transaction, accountId)) < 2) refuseLastOwner(accountId);
        await deleteMembership(transaction, accountId, userId);
        const action = actor.id === userId ? 'member.left' : 'member.removed';
        await recordAccountAudit(transaction, { accountId, actor, action, target: userId, before: { role } }, now);
      }
      if (!(await eraseUser(transaction, userId))) throw new ApiError('not_found', 'there is no such user');
    });
  }
}

function refuseLastOwner(accountId: string): never {
  const message = `this user is the last owner of ${accountId}: make another member an owner, or have the account deleted first`;
  throw new ApiError('last_owner', message);
}
