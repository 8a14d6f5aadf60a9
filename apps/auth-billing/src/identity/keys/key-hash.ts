import { createHash } from 'node:crypto';

/** What is kept of a key: the hexadecimal SHA-256 of its whole text. 256 random bits need no slow hash. */
export function keyHash(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
