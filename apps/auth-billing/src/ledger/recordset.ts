const REFUSED_ESCAPE = /\\u(?:0000|d[89a-f])/i;

/**
 * Rows as one JSON parameter for `json_to_recordset`, so that a batch of any size is one statement. Amounts go as decimal
 * strings. What PostgreSQL's text refuses (the character 0, halves of surrogate pairs) becomes U+FFFD: an odd model name
 * must not keep a batch from being billed.
 */
export function recordset(rows: readonly object[]): string {
  const text = JSON.stringify(rows);
  if (!REFUSED_ESCAPE.test(text)) return text;
  return JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'string' ? storableText(value) : value));
}

export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
