const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;
const YEAR_D = 365;
/** From here on hours tell nothing more. */
const DAYS_ALONE = 30;

/** `2 d 11 h`, `1 min 12 s`, `38 s`: the two largest units, and years alone. Negative spans count as 0. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  if (seconds < MINUTE_S) return `${seconds} s`;
  if (seconds < HOUR_S) return pair(Math.floor(seconds / MINUTE_S), 'min', seconds % MINUTE_S, 's');
  if (seconds < DAY_S) return pair(Math.floor(seconds / HOUR_S), 'h', Math.floor((seconds % HOUR_S) / MINUTE_S), 'min');
  const days = Math.floor(seconds / DAY_S);
  if (days >= 2 * YEAR_D) return `${Math.floor(days / YEAR_D)} years`;
  if (days >= DAYS_ALONE) return `${days} d`;
  return pair(days, 'd', Math.floor((seconds % DAY_S) / HOUR_S), 'h');
}

/** The largest unit alone: `2 min`, `3 d`. */
export function durationTextShort(ms: number): string {
  return /^\d+ \S+/.exec(durationText(ms))?.[0] ?? '0 s';
}

/** Milliseconds as they are read: `184 ms`, `1.24 s`, `72.0 s`. */
export function latencyText(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  return ms < 10 * SECOND_MS ? `${(ms / SECOND_MS).toFixed(2)} s` : `${(ms / SECOND_MS).toFixed(1)} s`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
