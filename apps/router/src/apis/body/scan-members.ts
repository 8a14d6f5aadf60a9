/** A top-level member of a JSON object: where its value stands in the text. */
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
 * The members of the object that starts at `start`, in the order in which they stand. Made for valid JSON, which keeps
 * it to finding ends: strings are skipped with the native `indexOf`. Of other text it gives something, in linear time.
 * @throws SyntaxError for a name with an escape that JSON does not have.
 */
export function scanMembers(text: string, start: number): MemberSpan[] {
  const members: MemberSpan[] = [];
  let at = skipBlank(text, start + 1);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACE) {
    const nameEnd = endOfString(text, at);
    const name = nameOf(text.slice(at, nameEnd));
    const valueStart = skipBlank(text, skipBlank(text, nameEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    members.push({ name, valueStart, valueEnd });
    at = skipBlank(text, valueEnd);
    if (text.charCodeAt(at) === COMMA) at = skipBlank(text, at + 1);
  }
  return members;
}

function nameOf(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

/** Index of the first character at or after `at` that is not JSON white space. */
export function skipBlank(text: string, at: number): number {
  let index = at;
  while (isBlank(text.charCodeAt(index))) index += 1;
  return index;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** `at` is the opening quote; the result is behind the closing one. */
function endOfString(text: string, at: number): number {
  let quote = text.indexOf('"', at + 1);
  while (quote !== -1 && isEscaped(text, quote, at)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

/** A quote is escaped by an odd number of backslashes before it. */
function isEscaped(text: string, quote: number, stringStart: number): boolean {
  let index = quote - 1;
  while (index > stringStart && text.charCodeAt(index) === BACKSLASH) index -= 1;
  return (quote - 1 - index) % 2 === 1;
}

/** Index behind the value that begins at `at`. */
export function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return endOfString(text, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfNested(text, at);
  let index = at;
  while (index < text.length && !isBlank(text.charCodeAt(index)) && !endsScalar(text.charCodeAt(index))) index += 1;
  return index;
}

function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || code === COLON;
}

function endOfNested(text: string, at: number): number {
  let depth = 0;
  let index = at;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = endOfString(text, index);
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    index += 1;
    if (depth === 0) return index;
  }
  return index;
}
