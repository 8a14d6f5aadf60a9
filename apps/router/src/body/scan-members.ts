/** A top-level member of a JSON object: where its value stands in the bytes. */
export interface MemberSpan {
  readonly name: string;
  readonly valueStart: number;
  /** Exclusive. */
  readonly valueEnd: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * The members of the object that starts at `start`, in the order in which they stand. The bytes must be valid JSON
 * (`JSON.parse` has seen them), which keeps this to finding ends: strings are skipped with the native `indexOf`.
 */
export function scanMembers(bytes: Buffer, start: number): MemberSpan[] {
  const members: MemberSpan[] = [];
  let at = skipBlank(bytes, start + 1);
  while (at < bytes.length && bytes[at] !== CLOSE_BRACE) {
    const nameEnd = endOfString(bytes, at);
    const name = nameOf(bytes, at, nameEnd);
    const valueStart = skipBlank(bytes, skipBlank(bytes, nameEnd) + 1);
    const valueEnd = endOfValue(bytes, valueStart);
    members.push({ name, valueStart, valueEnd });
    at = skipBlank(bytes, valueEnd);
    if (bytes[at] === COMMA) at = skipBlank(bytes, at + 1);
  }
  return members;
}

/** The quoted name from `start` to `end`. */
function nameOf(bytes: Buffer, start: number, end: number): string {
  const quoted = bytes.toString('utf8', start, end);
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

/** Index of the first byte at or after `at` that is not JSON white space. */
export function skipBlank(bytes: Buffer, at: number): number {
  let index = at;
  while (isBlank(bytes[index])) index += 1;
  return index;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** `at` is the opening quote; the result is behind the closing one. */
function endOfString(bytes: Buffer, at: number): number {
  let quote = bytes.indexOf(QUOTE, at + 1);
  while (quote !== -1 && isEscaped(bytes, quote, at)) quote = bytes.indexOf(QUOTE, quote + 1);
  return quote === -1 ? bytes.length : quote + 1;
}

/** A quote is escaped by an odd number of backslashes before it. */
function isEscaped(bytes: Buffer, quote: number, stringStart: number): boolean {
  let index = quote - 1;
  while (index > stringStart && bytes[index] === BACKSLASH) index -= 1;
  return (quote - 1 - index) % 2 === 1;
}

function endOfValue(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return endOfString(bytes, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfNested(bytes, at);
  let index = at;
  while (index < bytes.length && !isBlank(bytes[index]) && !endsScalar(bytes[index])) index += 1;
  return index;
}

function endsScalar(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte === COLON;
}

function endOfNested(bytes: Buffer, at: number): number {
  let depth = 0;
  let index = at;
  while (index < bytes.length) {
    const byte = bytes[index];
    if (byte === QUOTE) {
      index = endOfString(bytes, index);
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
    index += 1;
    if (depth === 0) return index;
  }
  return index;
}
