const counts = new Intl.NumberFormat('en-US');

/** `103,812`. */
export function countText(value: number): string {
  return counts.format(value);
}

/** `131K`, `1M`: the size of a context. */
export function contextText(tokens: number): string {
  if (tokens >= 1_000_000) return `${Math.round(tokens / 100_000) / 10}M`;
  return tokens >= 1_000 ? `${Math.round(tokens / 1_000)}K` : String(tokens);
}

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** `684.2M`: for cards, with the exact count beside it or in the tooltip. */
export function compactText(value: number): string {
  return compact.format(value);
}

const WHOLE_FROM = 100;

/** Three digits at the most: a rate is read, not computed with. */
export function roundedText(value: number): string {
  return value >= WHOLE_FROM ? countText(Math.round(value)) : String(Number(value.toPrecision(3)));
}
