const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** Values a body may hold; prompts of ready made tokens have the most, and stay well below. */
export const VALUES_MAX = 500_000;

const NEAR_BYTES = 32;

/**
 * Whether a JSON text holds more values and names than anybody needs. Parsed, each costs some fifty bytes and its share
 * of the time in which no other call is served: 64 MiB of brackets would take gigabytes and seconds. The text need not be
 * valid JSON. An escaped quote counts as one more value, since whatever looks for the end of a string stops at each of them;
 * so the time is bounded for every text, and text without quotes costs nearly nothing.
 */
export function hasTooManyValues(bytes: Buffer, valuesMax = VALUES_MAX): boolean {
  // Every value takes a byte at least, so ordinary bodies are not even looked at.
  if (bytes.length <= valuesMax) return false;
  let values = 0;
  let index = 0;
  while (index < bytes.length && values <= valuesMax) {
    const byte = bytes[index];
    index += 1;
    if (byte === COMMA || byte === COLON || byte === OPEN_BRACKET || byte === OPEN_BRACE) values += 1;
    else if (byte === QUOTE) {
      let quote = nextQuote(bytes, index);
      while (isEscaped(bytes, quote) && values <= valuesMax) {
        values += 1;
        quote = nextQuote(bytes, quote + 1);
      }
      index = quote + 1;
    }
  }
  return values > valuesMax;
}

/** Index of the quote at or after `start`, or of the end when there is none. Only what is far is worth the native search. */
function nextQuote(bytes: Buffer, start: number): number {
  const nearEnd = Math.min(start + NEAR_BYTES, bytes.length);
  for (let index = start; index < nearEnd; index += 1) if (bytes[index] === QUOTE) return index;
  const quote = bytes.indexOf(QUOTE, nearEnd);
  return quote === -1 ? bytes.length : quote;
}

/** A quote is escaped by an odd number of backslashes before it. The end of the text is not. */
function isEscaped(bytes: Buffer, quote: number): boolean {
  if (quote === bytes.length) return false;
  let backslashes = 0;
  while (bytes[quote - 1 - backslashes] === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
