import { ApiError, type ResetLink, type ResetPassword } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK, SETTINGS, type Settings } from '../../injection.js';
import { Passwords } from '../passwords/passwords.service.js';
import { newToken, tokenHash } from '../sessions/cookie.js';
import { deleteSessionsOf } from '../sessions/session.store.js';
import { findUserById, markEmailVerified, setPasswordHash } from '../users/users.store.js';
import { findReset, insertReset, takeReset } from './reset.store.js';

const HOUR_MS = 60 * 60_000;
const MAILED_LIFETIME_MS = HOUR_MS;
const HANDED_OUT_LIFETIME_MS = 24 * HOUR_MS;

/** One-time links to a new password. */
@Injectable()
export class PasswordResets {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(Passwords) private readonly passwords: Passwords,
  ) {}

  /** A new link for a user. `byMail`: it goes to the user's address and nowhere else. Throws 404 for an unknown user. */
  async createLink(userId: string, byMail: boolean): Promise<ResetLink> {
    const now = this.clock();
    const token = newToken();
    const expiresAt = new Date(now.getTime() + (byMail ? MAILED_LIFETIME_MS : HANDED_OUT_LIFETIME_MS));
    await this.database.transaction(async (transaction) => {
      if ((await findUserById(transaction, userId)) === undefined) throw new ApiError('not_found', 'there is no such user');
      await insertReset(transaction, { tokenHash: tokenHash(token), userId, byMail, expiresAt }, now);
    });
    const url = `${this.settings.publicUrl}/console/reset-password/${token}`;
    return { id: userId, url, expires_at: expiresAt.toISOString() };
  }

  /** Sets the password and ends every session. Throws 410 for a link that was used, has expired or never was. */
  async use(request: ResetPassword, network: string): Promise<void> {
    const hashed = tokenHash(request.token);
    const known = await this.database.transaction((transaction) => findReset(transaction, hashed, this.clock()));
    if (known === undefined) refuseExpired();
    const passwordHash = await this.passwords.hash(request.password, { network, isSuspect: false });
    await this.database.transaction(async (transaction) => {
      const now = this.clock();
      const reset = await findReset(transaction, hashed, now);
      if (reset === undefined || !(await takeReset(transaction, hashed, reset.userId))) refuseExpired();
      await setPasswordHash(transaction, reset.userId, passwordHash);
      if (reset.byMail) await markEmailVerified(transaction, reset.userId, now);
      await deleteSessionsOf(transaction, reset.userId);
    });
  }
}

function refuseExpired(): never {
  throw new ApiError('reset_expired', 'this link was used or has expired; ask for a new one');
}
