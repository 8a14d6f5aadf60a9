import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares two secrets in a time that depends on neither. */
export function secretEquals(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
