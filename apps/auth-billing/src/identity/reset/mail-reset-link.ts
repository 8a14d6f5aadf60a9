import { Database } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable } from '@nestjs/common';
import { Mailer } from '../../mail/mailer.js';
import { SignupThrottle } from '../throttle/signup-throttle.js';
import { findUserByEmail } from '../users/users.store.js';
import { PasswordResets } from './password-resets.service.js';

/** Mails a reset link to whoever asks, where there is a user and an SMTP server; an operator hands it out otherwise. */
@Injectable()
export class MailResetLink {
  private readonly logger = createLogger('auth-billing');

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PasswordResets) private readonly resets: PasswordResets,
    @Inject(SignupThrottle) private readonly throttle: SignupThrottle,
    @Inject(Mailer) private readonly mailer: Mailer,
  ) {}

  /** Never fails and is not waited for, so that an answer tells nothing of the address. */
  async send(email: string): Promise<void> {
    try {
      await this.trySend(email);
    } catch (error) {
      this.logger.error({ event: 'password_reset.not_sent', err: error });
    }
  }

  private async trySend(email: string): Promise<void> {
    const user = await findUserByEmail(this.database.client, email);
    if (user === undefined) return;
    this.logger.info({ event: 'password_reset.requested', user_id: user.id, by_mail: this.mailer.isConfigured });
    if (!this.mailer.isConfigured || !this.throttle.mayMail(email)) return;
    const link = await this.resets.createLink(user.id, true);
    const text = [
      'A new password was asked for at EcoLink for this address.',
      `Set it within an hour here, once:\n\n${link.url}`,
      'If you did not ask for it, there is nothing to do: your password stays as it is.',
    ].join('\n\n');
    await this.mailer.send({ to: user.email, subject: 'Your new EcoLink password', text: `${text}\n` });
  }
}
