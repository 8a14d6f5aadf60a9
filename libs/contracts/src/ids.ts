/** Prefixes of every id but an instance's, which is a plain integer. */
export type IdPrefix = 'acc' | 'usr' | 'key' | 'mdl' | 'inv' | 'txn' | 'evt' | 'ntf' | 'pod' | 'req' | 'ses' | 'dlq';

const RANDOM_BYTES = 10;
/** Random bytes are drawn for so many ids at a time: drawing costs much more than using them. */
const IDS_PER_DRAW = 256;

const HEXADECIMAL = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const drawn = new Uint8Array(RANDOM_BYTES * IDS_PER_DRAW);
let used = drawn.length;

/**
 * A time-ordered id: prefix, then 48 bits of milliseconds and 80 random bits, in lower-case hexadecimal.
 * Ids made later sort later (to the millisecond), which keeps indexes and cursors in order of creation.
 */
export function newId(prefix: IdPrefix, nowMs: number = Date.now()): string {
  if (used === drawn.length) {
    crypto.getRandomValues(drawn);
    used = 0;
  }
  let text = nowMs.toString(16).padStart(12, '0');
  for (const end = used + RANDOM_BYTES; used < end; used += 1) text += HEXADECIMAL[drawn[used] ?? 0] ?? '';
  return `${prefix}_${text}`;
}
