import { createHash, randomBytes } from 'node:crypto';

export const SESSION_COOKIE = 'ecolink_session';
const TOKEN_BYTES = 32;

export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** What is kept of a token of 256 random bits, which needs no slow hash. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The first value of that name in a `Cookie` header. */
export function cookieValue(cookieHeader: string | null | undefined, cookieName: string): string | undefined {
  for (const part of (cookieHeader ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === cookieName && value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** The session token in a `Cookie` header. */
export function sessionTokenOf(cookieHeader: string | null | undefined): string | undefined {
  return cookieValue(cookieHeader, SESSION_COOKIE);
}

/** The `Set-Cookie` value; an empty token with 0 seconds removes it. */
export function sessionCookie(token: string, lifetimeSeconds: number, isSecure: boolean): string {
  return `${SESSION_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${lifetimeSeconds}${isSecure ? '; Secure' : ''}`;
}
