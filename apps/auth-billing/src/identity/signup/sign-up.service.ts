import { ApiError, type SignedUp, type SignUp } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { Passwords } from '../passwords/passwords.service.js';
import { Sessions } from '../sessions/sessions.service.js';
import { insertUser } from '../users/users.store.js';
import { MembershipOfNewUser } from './membership-of-new-user.js';

export interface SigningUp {
  readonly network: string;
  readonly cookieHeader: string | undefined;
  readonly requestId: string;
}

/** Makes a user and what the user belongs to, whole or not at all. */
@Injectable()
export class SignUpService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(MembershipOfNewUser) private readonly membership: MembershipOfNewUser,
  ) {}

  /**
   * Gives the token of the user's first session. Throws 403 where sign-up is closed, 409 for a known address, 410 for an
   * invite that is not open.
   */
  async signUp(request: SignUp, from: SigningUp): Promise<SignedUp & { readonly token: string }> {
    this.membership.assertOpen(request.invite_token);
    const passwordHash = await this.passwords.hash(request.password, { network: from.network, isSuspect: false });
    return this.database.transaction(async (transaction) => {
      const userId = await insertUser(transaction, { email: request.email, passwordHash }, this.sessions.now());
      if (userId === undefined) {
        throw new ApiError('email_taken', 'this address has a user already: sign in', { param: 'email' });
      }
      const account = await this.membership.join(transaction, {
        userId,
        email: request.email,
        accountName: request.account_name,
        inviteToken: request.invite_token,
        requestId: from.requestId,
      });
      const opening = { userId, activeAccountId: account.id, cookieHeader: from.cookieHeader };
      const token = await this.sessions.openIn(transaction, opening);
      return { user: { id: userId, email: request.email, name: null, totp_enabled: false }, account, token };
    });
  }
}
