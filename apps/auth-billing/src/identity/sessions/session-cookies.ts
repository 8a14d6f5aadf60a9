import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../injection.js';
import { SESSION_COOKIE, sessionCookie } from './cookie.js';

/** `Set-Cookie` values of sessions. */
@Injectable()
export class SessionCookies {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  of(token: string): string {
    return sessionCookie(token, Math.floor(this.settings.sessionLifetimeMs / 1_000), this.settings.secureCookies);
  }

  /** Removes the cookie. */
  none(): string {
    return sessionCookie('', 0, this.settings.secureCookies);
  }

  /** The `Cookie` header of a browser that has it. */
  headerOf(token: string): string {
    return `${SESSION_COOKIE}=${token}`;
  }
}
