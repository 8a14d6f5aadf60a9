import { ApiError, type CreateSession, type GivenSecondFactor } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { Passwords } from '../passwords/passwords.service.js';
import { type Attempt, SignInThrottle } from '../throttle/sign-in-throttle.js';
import { SecondFactor } from '../totp/second-factor.service.js';
import { findUserByEmail, setPasswordHash, type UserCredentials } from '../users/users.store.js';

const WRONG = 'wrong e-mail address or password';

interface ProvenUser {
  readonly id: string;
  readonly email: string;
}

/** Says whose password and second factor these are, within the limits on guessing. */
@Injectable()
export class SignIn {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(SignInThrottle) private readonly throttle: SignInThrottle,
    @Inject(SecondFactor) private readonly secondFactor: SecondFactor,
  ) {}

  /**
   * Gives the user. One refusal for an unknown address and a wrong password, after the same time; 401 `mfa_required` where the
   * second factor is still to come; 429 beyond the limits.
   */
  async withPassword(request: CreateSession, from: Omit<Attempt, 'email'>): Promise<UserCredentials> {
    const attempt = { email: request.email, ...from };
    const { isSuspect } = this.throttle.admit(attempt);
    const user = await findUserByEmail(this.database.client, request.email);
    const known = await this.checkPassword(request.password, user, { attempt, isSuspect });
    if (await this.secondFactor.isEnrolled(known.id)) await this.checkSecondFactor(known, request, attempt);
    this.throttle.succeeded(attempt);
    return known;
  }

  /** Checks the password of a user who is known already, within the same limits. */
  async confirm(user: UserCredentials, password: string, network: string): Promise<void> {
    const attempt = { email: user.email, network, device: undefined };
    await this.checkPassword(password, user, { attempt, ...this.throttle.admit(attempt) });
    this.throttle.succeeded(attempt);
  }

  /** Checks the second factor of a user whom the OpenID provider has proven, within the same limits. */
  async confirmSecondFactor(user: ProvenUser, given: GivenSecondFactor, network: string): Promise<void> {
    const attempt = { email: user.email, network, device: undefined };
    this.throttle.admit(attempt);
    await this.checkSecondFactor(user, given, attempt);
    this.throttle.succeeded(attempt);
  }

  private async checkPassword(
    password: string,
    user: UserCredentials | undefined,
    { attempt, isSuspect }: { readonly attempt: Attempt; readonly isSuspect: boolean },
  ): Promise<UserCredentials> {
    const checked = await this.passwords.check(password, user?.passwordHash, { network: attempt.network, isSuspect });
    if (user === undefined || !checked.isRight) {
      this.throttle.failed(attempt);
      throw new ApiError('invalid_credentials', WRONG);
    }
    if (checked.rehashed !== undefined) await setPasswordHash(this.database.client, user.id, checked.rehashed);
    return user;
  }

  private async checkSecondFactor(user: ProvenUser, given: GivenSecondFactor, attempt: Attempt): Promise<void> {
    if (given.totp_code === undefined && given.recovery_code === undefined) {
      this.throttle.takeBack(attempt);
      throw new ApiError('mfa_required', 'a code of the second factor is needed: totp_code or recovery_code');
    }
    if (await this.secondFactor.check(user.id, given)) return;
    this.throttle.failed(attempt);
    const param = given.totp_code === undefined ? 'recovery_code' : 'totp_code';
    throw new ApiError('invalid_credentials', `${param}: is wrong, or was used before`, { param });
  }
}
