import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/** A key of its own for one purpose, from the secret that the product's processes share (RFC 5869). */
export function derivedKey(internalSecret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', internalSecret, 'ecolink', purpose, KEY_BYTES));
}
