/** Escapes in JSON text that jsonb refuses: the character 0 and halves of surrogate pairs. */
const REFUSED_ESCAPE = /\\u(?:0000|d[89a-f])/i;

/**
 * JSON text that jsonb takes. What it refuses becomes U+FFFD, since one odd character of a stranger's request must not
 * keep a whole journal from being published. `json`: the text of `data`, where that is there already.
 */
export function jsonbText(data: unknown, json?: string): string {
  const text = json ?? JSON.stringify(data ?? null);
  if (!REFUSED_ESCAPE.test(text)) return text;
  return JSON.stringify(JSON.parse(text), (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value));
}

function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
