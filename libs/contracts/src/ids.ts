/** Prefixes of every id but an instance's, which is a plain integer. */
export type IdPrefix = 'acc' | 'usr' | 'key' | 'mdl' | 'inv' | 'txn' | 'evt' | 'ntf' | 'pod' | 'req' | 'ses' | 'dlq';

const RANDOM_BYTES = 10;

/**
 * A time-ordered id: prefix, then 48 bits of milliseconds and 80 random bits, in lower-case hexadecimal.
 * Ids made later sort later (to the millisecond), which keeps indexes and cursors in order of creation.
 */
export function newId(prefix: IdPrefix, nowMs: number = Date.now()): string {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  let text = nowMs.toString(16).padStart(12, '0');
  for (const byte of random) text += byte.toString(16).padStart(2, '0');
  return `${prefix}_${text}`;
}
