/**
 * An API key as text.
 *
 *   api-key  = "eco_" secret checksum
 *   secret   = 43*43BASE62    ; 256 random bits, most significant digit first, padded with "0"
 *   checksum = 6*6BASE62      ; CRC-32 of "eco_" secret, padded with "0"
 *
 * The checksum tells a mistyped or made-up key before anything is hashed or looked up; it protects nothing.
 */
const PREFIX = 'eco_';
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const SECRET_BYTES = 32;
const VISIBLE_LENGTH = 10;

export const API_KEY_LENGTH = PREFIX.length + SECRET_LENGTH + CHECKSUM_LENGTH;

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PATTERN = /^eco_[0-9A-Za-z]{49}$/;
const CRC_POLYNOMIAL = 0xedb88320;
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => crcTableEntry(index));

function crcTableEntry(index: number): number {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ CRC_POLYNOMIAL : value >>> 1;
  return value >>> 0;
}

/** CRC-32 (IEEE 802.3) of ASCII text. */
function crc32(text: string, length: number): number {
  let crc = 0xffffffff;
  for (let index = 0; index < length; index += 1) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ text.charCodeAt(index)) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; rest > 0n; rest /= 62n) text = DIGITS.charAt(Number(rest % 62n)) + text;
  return text.padStart(length, '0');
}

/** The key made of 32 bytes; fresh random ones unless given. */
export function newApiKey(secret: Uint8Array = crypto.getRandomValues(new Uint8Array(SECRET_BYTES))): string {
  if (secret.length !== SECRET_BYTES) throw new Error(`a key is made of ${SECRET_BYTES} bytes`);
  let value = 0n;
  for (const byte of secret) value = (value << 8n) | BigInt(byte);
  const body = PREFIX + base62(value, SECRET_LENGTH);
  return body + base62(BigInt(crc32(body, body.length)), CHECKSUM_LENGTH);
}

/** Whether text can be a key at all: cheap, without hashing. Only a look-up says that the key exists. */
export function isApiKeyFormat(text: string): boolean {
  if (text.length !== API_KEY_LENGTH || !PATTERN.test(text)) return false;
  const bodyLength = PREFIX.length + SECRET_LENGTH;
  let checksum = 0;
  for (let index = bodyLength; index < API_KEY_LENGTH; index += 1) checksum = checksum * 62 + DIGITS.indexOf(text.charAt(index));
  return checksum === crc32(text, bodyLength);
}

/** The part of a key that may be shown again, to tell keys apart. */
export function visiblePrefix(key: string): string {
  return key.slice(0, VISIBLE_LENGTH);
}

const BEARER_PATTERN = /^bearer +(\S+) *$/i;

/** The credential of an `Authorization: Bearer …` header value; `undefined` for any other value. */
export function bearerToken(header: string): string | undefined {
  return BEARER_PATTERN.exec(header)?.[1];
}
