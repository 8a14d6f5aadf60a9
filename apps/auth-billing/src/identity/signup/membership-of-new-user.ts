import { type AccountOfUser, ApiError } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK, SETTINGS, type Settings } from '../../injection.js';
import { InviteTokens } from '../team/invite-tokens.js';
import { joinAccount } from '../team/join-account.js';
import { openAccount } from './open-account.js';

export interface NewUser {
  readonly userId: string;
  readonly email: string;
  readonly accountName: string | undefined;
  readonly inviteToken: string | undefined;
  readonly requestId: string;
}

/** What a new user belongs to: the account of an invite, or one of its own. */
@Injectable()
export class MembershipOfNewUser {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(InviteTokens) private readonly inviteTokens: InviteTokens,
  ) {}

  /** Throws 403 `signup_closed` where no new user is taken, or none without an invite. */
  assertOpen(inviteToken: string | undefined): void {
    const { signupMode } = this.settings;
    if (signupMode === 'closed') throw new ApiError('signup_closed', 'sign-up is closed; ask the operator for an account');
    if (signupMode === 'invite' && inviteToken === undefined) {
      throw new ApiError('signup_closed', 'sign-up needs an invite; ask an owner of an account for one');
    }
  }

  /** With an invite the user joins its account; without one the user gets an account, and it the bonus. */
  async join(transaction: Transaction, user: NewUser): Promise<AccountOfUser> {
    this.assertOpen(user.inviteToken);
    const now = this.clock();
    const { userId, requestId } = user;
    if (user.inviteToken === undefined) {
      const name = user.accountName ?? user.email.slice(0, user.email.indexOf('@'));
      const id = await openAccount(transaction, { name, ownerId: userId, bonusNanoUsd: this.settings.signupBonusNanoUsd }, now);
      return { id, name, role: 'owner' };
    }
    const inviteId = this.inviteTokens.inviteIdOf(user.inviteToken);
    return joinAccount(transaction, { inviteId, userId, actor: { kind: 'user', id: userId, requestId } }, now);
  }
}
