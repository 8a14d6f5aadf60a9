import { ApiError, type ConfirmedTotp, type GivenSecondFactor, type StartedTotp } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { INTERNAL_SECRET } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { generateSecret, generateURI, verify } from 'otplib';
import { type Clock, CLOCK } from '../../injection.js';
import { derivedKey } from '../derived-key.js';
import { seal, unseal } from '../sealed-text.js';
import { newRecoveryCodes, recoveryCodeHash } from './recovery-codes.js';
import { confirmFactor, deleteFactor, findFactor, putUnconfirmed, takeRecoveryCode, takeStep } from './totp.store.js';

const ISSUER = 'EcoLink';
const PERIOD_SECONDS = 30;

/** Time-based codes (RFC 6238: six digits, 30 s, one step of clock skew either way), each taken once, and recovery codes. */
@Injectable()
export class SecondFactor {
  private readonly key: Buffer;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(INTERNAL_SECRET) internalSecret: string,
  ) {
    this.key = derivedKey(internalSecret, 'totp');
  }

  async isEnrolled(userId: string): Promise<boolean> {
    return (await findFactor(this.database.client, userId))?.isConfirmed === true;
  }

  /** A new secret, which counts once a code confirms it. Throws 409 where a factor counts already. */
  async begin(user: { readonly id: string; readonly email: string }): Promise<StartedTotp> {
    const secret = generateSecret();
    const isKept = await putUnconfirmed(this.database.client, user.id, seal(secret, this.key, user.id), this.clock());
    if (!isKept) throw new ApiError('invalid_state', 'there is a second factor already: remove it first');
    return { secret, otpauth_url: generateURI({ issuer: ISSUER, label: user.email, secret }) };
  }

  /** Throws 400 for a wrong code, 409 where nothing was begun. */
  async confirm(userId: string, code: string): Promise<ConfirmedTotp> {
    const factor = await findFactor(this.database.client, userId);
    if (factor === undefined || factor.isConfirmed) throw new ApiError('invalid_state', 'begin to set up a second factor first');
    if (!(await this.takeCode(userId, code))) throw new ApiError('invalid_request', 'code: is wrong', { param: 'code' });
    const codes = newRecoveryCodes();
    const isConfirmed = await this.database.transaction((transaction) =>
      confirmFactor(transaction, userId, codes.map(recoveryCodeHash), this.clock()),
    );
    if (!isConfirmed) throw new ApiError('invalid_state', 'the second factor was confirmed already');
    return { recovery_codes: codes };
  }

  /** Whether the given code is right; it is used up by this. */
  check(userId: string, given: GivenSecondFactor): Promise<boolean> {
    if (given.totp_code !== undefined) return this.takeCode(userId, given.totp_code);
    if (given.recovery_code === undefined) return Promise.resolve(false);
    return takeRecoveryCode(this.database.client, userId, recoveryCodeHash(given.recovery_code), this.clock());
  }

  async remove(userId: string): Promise<void> {
    await this.database.transaction((transaction) => deleteFactor(transaction, userId));
  }

  private async takeCode(userId: string, code: string): Promise<boolean> {
    const factor = await findFactor(this.database.client, userId);
    if (factor === undefined) return false;
    const result = await verify({
      secret: unseal(factor.secret, this.key, userId),
      token: code,
      epoch: Math.floor(this.clock().getTime() / 1_000),
      period: PERIOD_SECONDS,
      epochTolerance: PERIOD_SECONDS,
    });
    return result.valid && 'timeStep' in result && (await takeStep(this.database.client, userId, result.timeStep));
  }
}
