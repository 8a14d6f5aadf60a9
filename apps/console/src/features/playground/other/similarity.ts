/** Cosine similarity of two vectors of the same length; 0 where one of them is all zeros. */
export function cosine(left: readonly number[], right: readonly number[]): number {
  let dot = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (let index = 0; index < left.length; index += 1) {
    const a = left[index] ?? 0;
    const b = right[index] ?? 0;
    dot += a * b;
    leftSquares += a * a;
    rightSquares += b * b;
  }
  const norm = Math.sqrt(leftSquares) * Math.sqrt(rightSquares);
  return norm === 0 ? 0 : dot / norm;
}

/** Documents as they were typed: a JSON list of texts, else one a line. */
export function documentsOf(typed: string): string[] {
  if (typed.trim().startsWith('[')) {
    try {
      const parsed: unknown = JSON.parse(typed);
      if (Array.isArray(parsed)) return parsed.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
    } catch {
      // Then they are lines.
    }
  }
  return typed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
