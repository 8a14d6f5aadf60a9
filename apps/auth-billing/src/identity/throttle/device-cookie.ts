import { createHmac, randomBytes } from 'node:crypto';
import { INTERNAL_SECRET, secretEquals } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../injection.js';
import { derivedKey } from '../derived-key.js';
import { cookieValue } from '../sessions/cookie.js';

const DEVICE_COOKIE = 'ecolink_device';
const NONCE_BYTES = 12;
const LIFETIME_SECONDS = 180 * 24 * 60 * 60;

/**
 * Marks that a browser gets with each successful sign-in to an address. A mark opens nothing; it only tells the attempts of
 * a browser that was let in before from those of everybody else, who may have used up the address's attempts.
 */
@Injectable()
export class DeviceMarks {
  private readonly key: Buffer;

  constructor(
    @Inject(INTERNAL_SECRET) internalSecret: string,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.key = derivedKey(internalSecret, 'device-marks');
  }

  /** A `Set-Cookie` value. */
  cookieFor(email: string): string {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    const secure = this.settings.secureCookies ? '; Secure' : '';
    const value = `${nonce}.${this.markOf(email, nonce)}`;
    return `${DEVICE_COOKIE}=${value}; Path=/api/v1/session; HttpOnly; SameSite=Strict; Max-Age=${LIFETIME_SECONDS}${secure}`;
  }

  /** What this browser's attempts at the address are counted by; undefined where the address never let it in. */
  find(cookieHeader: string | undefined, email: string): string | undefined {
    const [nonce, mark] = (cookieValue(cookieHeader, DEVICE_COOKIE) ?? '').split('.', 2);
    if (nonce === undefined || mark === undefined) return undefined;
    return secretEquals(mark, this.markOf(email, nonce)) ? nonce : undefined;
  }

  private markOf(email: string, nonce: string): string {
    return createHmac('sha256', this.key).update(`${nonce}\n${email}`).digest('base64url');
  }
}
