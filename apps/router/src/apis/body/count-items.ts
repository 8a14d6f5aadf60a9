import { endOfValue, skipBlank } from './scan-members.js';

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Items of the JSON array that a text is; 0 for anything else. Linear, and long strings are skipped natively. */
export function countItems(text: string): number {
  let at = skipBlank(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACKET) return 0;
  let items = 0;
  at = skipBlank(text, at + 1);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = endOfValue(text, at);
    // Text that is no JSON may hold a value of no length; it is stepped over.
    at = skipBlank(text, Math.max(end, at + 1));
    items += 1;
    if (text.charCodeAt(at) === COMMA) at = skipBlank(text, at + 1);
  }
  return items;
}
