import { ApiError, type MeView } from '@ecolink/contracts';
import { Database, type Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK, SETTINGS, type Settings } from '../../injection.js';
import { newToken, sessionTokenOf, tokenHash } from './cookie.js';
import {
  deleteSession,
  deleteSessionsOf,
  findSession,
  insertSession,
  type Session,
  setActiveAccount,
  touchSession,
} from './session.store.js';
import { toMeView } from './me-view.js';

/** A session's last call is noted no more often than this. */
const TOUCH_EVERY_MS = 60_000;

export interface SessionOpening {
  readonly userId: string;
  readonly activeAccountId?: string;
  /** The `Cookie` header of the request: the session in it, if any, ends. */
  readonly cookieHeader: string | undefined;
  readonly isMfaPending?: boolean;
}

@Injectable()
export class Sessions {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Gives a new session's token. It is never one that the browser came with. */
  open(opening: SessionOpening): Promise<string> {
    return this.database.transaction((transaction) => this.openIn(transaction, opening));
  }

  async openIn(transaction: Transaction, opening: SessionOpening): Promise<string> {
    const former = sessionTokenOf(opening.cookieHeader);
    if (former !== undefined) await deleteSession(transaction, tokenHash(former));
    const token = newToken();
    const times = this.times();
    const session = {
      tokenHash: tokenHash(token),
      userId: opening.userId,
      activeAccountId: opening.activeAccountId ?? null,
      mfaPending: opening.isMfaPending ?? false,
      expiresAt: new Date(times.now.getTime() + this.settings.sessionLifetimeMs),
    };
    await insertSession(transaction, session, times);
    return token;
  }

  async signOut(cookieHeader: string | undefined): Promise<void> {
    const token = sessionTokenOf(cookieHeader);
    if (token !== undefined) await deleteSession(this.database.client, tokenHash(token));
  }

  signOutEverywhere(userId: string): Promise<void> {
    return deleteSessionsOf(this.database.client, userId);
  }

  /** The living session of a `Cookie` header, one whose second factor is still to come included. */
  async find(cookieHeader: string | null | undefined): Promise<Session | undefined> {
    const token = sessionTokenOf(cookieHeader);
    if (token === undefined) return undefined;
    const times = this.times();
    const session = await findSession(this.database.client, tokenHash(token), times);
    if (session !== undefined && times.now.getTime() - session.lastSeenAt.getTime() >= TOUCH_EVERY_MS) {
      await touchSession(this.database.client, session, times.now);
    }
    return session;
  }

  /** The same, or 401: `session_required`, or `mfa_required` while the second factor is still to come. */
  async require(cookieHeader: string | null | undefined, message = 'sign in first: this needs a person'): Promise<Session> {
    const session = await this.find(cookieHeader);
    if (session === undefined) throw new ApiError('session_required', message);
    if (session.isMfaPending) throw new ApiError('mfa_required', 'the second factor is still to come');
    return session;
  }

  /** The session whose second factor is still to come. Throws 401 without one, 409 where it came already. */
  async requirePending(cookieHeader: string | undefined): Promise<Session> {
    const session = await this.find(cookieHeader);
    if (session === undefined) throw new ApiError('session_required', 'sign in first');
    if (!session.isMfaPending) throw new ApiError('invalid_state', 'this session needs no second factor any more');
    return session;
  }

  /** Makes another of the user's accounts the active one of this session. */
  async switchAccount(session: Session, accountId: string): Promise<MeView> {
    if (!session.memberships.some((membership) => membership.accountId === accountId)) {
      throw new ApiError('not_found', 'you do not belong to such an account', { param: 'account_id' });
    }
    await setActiveAccount(this.database.client, session.tokenHash, accountId);
    return toMeView({ ...session, activeAccountId: accountId });
  }

  /** By the clock that sessions end by. */
  now(): Date {
    return this.clock();
  }

  private times(): { now: Date; idleSince: Date } {
    const now = this.clock();
    return { now, idleSince: new Date(now.getTime() - this.settings.sessionIdleMs) };
  }
}
