import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ApiError } from '@ecolink/contracts';

const COST = { N: 16_384, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Hashing is slow on purpose; more at once would only starve the calls that are not about passwords. */
const RUNNING_MAX = 8;

let running = 0;

/** `scrypt$<salt>$<hash>`, base64url. Throws 503 while too many passwords are being hashed. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return `scrypt$${salt.toString('base64url')}$${(await derive(password, salt)).toString('base64url')}`;
}

/** Takes as long for a user without a password, or for no user at all, as for a wrong password. */
export async function isPassword(password: string, passwordHash: string | null | undefined): Promise<boolean> {
  const [, salt, hash] = (passwordHash ?? '').split('$');
  const derived = await derive(password, Buffer.from(salt ?? '', 'base64url'));
  const expected = Buffer.from(hash ?? '', 'base64url');
  return derived.length === expected.length && timingSafeEqual(derived, expected);
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  if (running >= RUNNING_MAX) throw new ApiError('service_unavailable', 'too many sign-ins at once', { retryAfterSeconds: 1 });
  running += 1;
  return new Promise<Buffer>((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, COST, (error, key) => (error === null ? resolve(key) : reject(error)));
  }).finally(() => {
    running -= 1;
  });
}
