import { ApiError, type MeView, type PutPassword } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { Passwords } from '../passwords/passwords.service.js';
import { toMeView } from '../sessions/me-view.js';
import { deleteSessionsOf, type Session } from '../sessions/session.store.js';
import { Sessions } from '../sessions/sessions.service.js';
import { SignIn } from '../sessions/sign-in.service.js';
import { findUserById, setPasswordHash, setUserName } from '../users/users.store.js';

/** What people change about themselves. */
@Injectable()
export class Profile {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  async rename(session: Session, name: string | null): Promise<MeView> {
    await setUserName(this.database.client, session.user.id, name);
    return toMeView({ ...session, user: { ...session.user, name } });
  }

  /** Ends every session of the user and gives the token of the new one. The present password is asked for where there is one. */
  async changePassword(session: Session, request: PutPassword, network: string): Promise<string> {
    const user = await findUserById(this.database.client, session.user.id);
    if (user === undefined) throw new ApiError('session_required', 'this user is no longer there');
    if (user.passwordHash !== null) {
      if (request.current_password === undefined) {
        throw new ApiError('invalid_request', 'current_password: is needed', { param: 'current_password' });
      }
      await this.signIn.confirm(user, request.current_password, network);
    }
    const passwordHash = await this.passwords.hash(request.new_password, { network, isSuspect: false });
    return this.database.transaction(async (transaction) => {
      await setPasswordHash(transaction, user.id, passwordHash);
      await deleteSessionsOf(transaction, user.id);
      const activeAccount = session.activeAccountId === null ? {} : { activeAccountId: session.activeAccountId };
      return this.sessions.openIn(transaction, { userId: user.id, ...activeAccount, cookieHeader: undefined });
    });
  }
}
