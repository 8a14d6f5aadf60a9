import { nanoUsd } from '../../format/money.js';
import type { Group, Usage } from './queries.js';

const COLOURS = ['var(--ec-c1)', 'var(--ec-c2)', 'var(--ec-c3)', 'var(--ec-c4)', 'var(--ec-c5)'] as const;
const REST_COLOUR = 'var(--ec-c6)';

export interface CostSeries {
  /** `s0`, `s1` …: names of models hold dots, which a chart reads as paths. */
  readonly name: string;
  readonly label: string;
  readonly color: string;
  readonly total: bigint;
  readonly byDay: ReadonlyMap<string, bigint>;
}

interface Wording {
  readonly nameOf: (value: string) => string;
  readonly none: string;
  readonly others: string;
}

/** The five dearest groups, and all others as one. Their sum is the sum of the rows. */
export function seriesOf(rows: Usage['data'], group: Group, words: Wording): CostSeries[] {
  const groups = new Map<string | null, Map<string, bigint>>();
  for (const row of rows) {
    const value = (group === 'key' ? row.key_id : row[group]) ?? null;
    const days = groups.get(value) ?? new Map<string, bigint>();
    const day = row.day ?? '';
    days.set(day, (days.get(day) ?? 0n) + nanoUsd(row.cost_nano_usd));
    groups.set(value, days);
  }
  const sorted = [...groups]
    .map(([value, byDay]) => ({ value, byDay, total: sumOf(byDay) }))
    .sort((one, other) => (one.total === other.total ? 0 : one.total < other.total ? 1 : -1));
  const shown: CostSeries[] = sorted.slice(0, COLOURS.length).map(({ value, byDay, total }, index) => ({
    name: `s${index}`,
    label: value === null ? words.none : words.nameOf(value),
    color: COLOURS[index] ?? REST_COLOUR,
    total,
    byDay,
  }));
  const rest = sorted.slice(COLOURS.length);
  if (rest.length === 0) return shown;
  const byDay = new Map<string, bigint>();
  for (const { byDay: days } of rest) for (const [day, cost] of days) byDay.set(day, (byDay.get(day) ?? 0n) + cost);
  return [...shown, { name: 'rest', label: words.others, color: REST_COLOUR, total: sumOf(byDay), byDay }];
}

function sumOf(days: ReadonlyMap<string, bigint>): bigint {
  let sum = 0n;
  for (const cost of days.values()) sum += cost;
  return sum;
}
