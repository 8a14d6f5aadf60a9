import { scrypt, timingSafeEqual } from 'node:crypto';
import { hash, parseOptions, verify } from '@node-rs/argon2';

/** OWASP's least for argon2id (the library's default algorithm): 19 MiB, two passes, one thread. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes that were made before argon2id: `scrypt$<salt>$<hash>`, base64url. */
const SCRYPT_COST = { N: 16_384, r: 8, p: 1 } as const;
const SCRYPT_KEY_BYTES = 32;

/** What is verified where there is no hash, so that it takes as long. Of no password. */
const NO_HASH = '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** The argon2id hash of a password, with its parameters and salt, as PHC text. */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), COST);
}

/** Takes as long for a user without a password, or for no user at all, as for a wrong password. */
export async function isPassword(password: string, passwordHash: string | null | undefined): Promise<boolean> {
  if (passwordHash?.startsWith('scrypt$') === true) return isScryptPassword(password, passwordHash);
  const isRight = await verify(passwordHash ?? NO_HASH, password.normalize('NFKC'));
  return isRight && passwordHash !== null && passwordHash !== undefined;
}

/** Whether a right password should be hashed anew, since its hash is of an older kind. */
export function isOutdated(passwordHash: string): boolean {
  if (!passwordHash.startsWith('$argon2id$')) return true;
  const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
  return memoryCost !== COST.memoryCost || timeCost !== COST.timeCost || parallelism !== COST.parallelism;
}

async function isScryptPassword(password: string, passwordHash: string): Promise<boolean> {
  const [, salt = '', hashed = ''] = passwordHash.split('$');
  const expected = Buffer.from(hashed, 'base64url');
  const derived = await new Promise<Buffer>((resolve, reject) => {
    scrypt(
      password.normalize('NFKC'),
      Buffer.from(salt, 'base64url'),
      SCRYPT_KEY_BYTES,
      SCRYPT_COST,
      (error: Error | null, key: Buffer) => (error === null ? resolve(key) : reject(error)),
    );
  });
  return derived.length === expected.length && timingSafeEqual(derived, expected);
}
