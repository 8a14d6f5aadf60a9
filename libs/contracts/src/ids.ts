/** Prefixes of every id but an instance's, which is a plain integer. */
export type IdPrefix =
  'acc' | 'usr' | 'key' | 'mdl' | 'inv' | 'txn' | 'evt' | 'ntf' | 'pod' | 'req' | 'ses' | 'dlq' | 'bdg' | 'top' | 'chn' | 'dlv';

const RANDOM_BYTES = 10;
/** Random bytes are drawn for so many ids at a time: drawing costs much more than using them. */
const IDS_PER_DRAW = 256;

const HEXADECIMAL = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const TIME_DIGITS = 12;
/** The low three bytes of a time change all the time, the others every four hours. */
const LOW_TIME = 0x1_00_00_00;

const DIGITS = new TextEncoder().encode('0123456789abcdef');

const drawn = new Uint8Array(RANDOM_BYTES * IDS_PER_DRAW);
const drawnDigits = new Uint8Array(drawn.length * 2);
const decoder = new TextDecoder();
let drawnText = '';
let used = drawn.length;

let highTime = NaN;
let highTimeText = '';

/**
 * A time-ordered id: prefix, then 48 bits of milliseconds and 80 random bits, in lower-case hexadecimal.
 * Ids made later sort later (to the millisecond), which keeps indexes and cursors in order of creation.
 */
export function newId(prefix: IdPrefix, nowMs: number = Date.now()): string {
  if (used === drawn.length) draw();
  const random = drawnText.slice(used * 2, (used + RANDOM_BYTES) * 2);
  used += RANDOM_BYTES;
  return `${prefix}_${timeText(nowMs)}${random}`;
}

function draw(): void {
  crypto.getRandomValues(drawn);
  for (let index = 0; index < drawn.length; index += 1) {
    const byte = drawn[index] ?? 0;
    drawnDigits[index * 2] = DIGITS[byte >> 4] ?? 0;
    drawnDigits[index * 2 + 1] = DIGITS[byte & 0xf] ?? 0;
  }
  drawnText = decoder.decode(drawnDigits);
  used = 0;
}

function timeText(ms: number): string {
  const high = Math.floor(ms / LOW_TIME);
  if (high !== highTime) {
    highTimeText = high.toString(16).padStart(TIME_DIGITS / 2, '0');
    highTime = high;
  }
  const low = ms - high * LOW_TIME;
  return highTimeText + hexadecimal(low >> 16) + hexadecimal((low >> 8) & 0xff) + hexadecimal(low & 0xff);
}

function hexadecimal(byte: number): string {
  return HEXADECIMAL[byte] ?? '';
}
