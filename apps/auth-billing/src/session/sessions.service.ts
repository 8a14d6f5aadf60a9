import { ApiError, type CreateSession, type MeView } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK, SETTINGS, type Settings } from '../injection.js';
import { newSessionToken, sessionTokenHash, sessionTokenOf } from './cookie.js';
import { isPassword } from './password.js';
import { deleteSession, findSession, findUserByEmail, insertSession, type Session, setActiveAccount } from './session.store.js';

@Injectable()
export class Sessions {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Gives the new session's token. One refusal for an unknown address and a wrong password, after the same time. */
  async signIn(request: CreateSession): Promise<string> {
    const user = await findUserByEmail(this.database.client, request.email);
    const isRight = await isPassword(request.password, user?.passwordHash);
    if (user === undefined || !isRight) throw new ApiError('invalid_credentials', 'wrong e-mail address or password');
    const token = newSessionToken();
    const now = this.clock();
    const expiresAt = new Date(now.getTime() + this.settings.sessionLifetimeMs);
    await insertSession(this.database.client, { tokenHash: sessionTokenHash(token), userId: user.id, expiresAt }, now);
    return token;
  }

  async signOut(cookieHeader: string | undefined): Promise<void> {
    const token = sessionTokenOf(cookieHeader);
    if (token !== undefined) await deleteSession(this.database.client, sessionTokenHash(token));
  }

  async find(cookieHeader: string | null | undefined): Promise<Session | undefined> {
    const token = sessionTokenOf(cookieHeader);
    return token === undefined ? undefined : findSession(this.database.client, sessionTokenHash(token), this.clock());
  }

  /** Makes another of the user's accounts the active one of this session. */
  async switchAccount(session: Session, accountId: string): Promise<MeView> {
    if (!session.memberships.some((membership) => membership.accountId === accountId)) {
      throw new ApiError('not_found', 'you do not belong to such an account', { param: 'account_id' });
    }
    await setActiveAccount(this.database.client, session.tokenHash, accountId);
    return toMeView({ ...session, activeAccountId: accountId });
  }
}

export function toMeView(session: Session): MeView {
  const accounts = session.memberships.map(({ accountId, accountName, role }) => ({ id: accountId, name: accountName, role }));
  return { user: session.user, accounts, active_account_id: session.activeAccountId };
}
