const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** Values a body may hold; prompts of ready made tokens have the most, and stay well below. */
export const VALUES_MAX = 500_000;

/**
 * Whether a JSON text holds more values and names than anybody needs. Parsed, each costs some fifty bytes and its share
 * of the time in which nobody else is served: 64 MiB of brackets would take gigabytes and seconds. The text need not be
 * valid JSON; long strings cost nothing, they are skipped with the native `indexOf`.
 */
export function hasTooManyValues(bytes: Buffer): boolean {
  // Every value takes a byte at least, so ordinary bodies are not even looked at.
  if (bytes.length <= VALUES_MAX) return false;
  let values = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) {
      index = endOfString(bytes, index);
    } else if (byte === COMMA || byte === COLON || byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      values += 1;
      if (values > VALUES_MAX) return true;
    }
  }
  return false;
}

/** Index of the quote that ends the string, or of the last byte when nothing does. */
function endOfString(bytes: Buffer, start: number): number {
  let index = start + 1;
  for (;;) {
    const quote = bytes.indexOf(QUOTE, index);
    if (quote === -1) return bytes.length;
    let backslashes = 0;
    while (bytes[quote - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
    index = quote + 1;
  }
}
