/**
 * Everything that can be counted and priced, in one table: schemas of units and prices, the cost of a call, reports and
 * their files all follow it. A new unit is one line here.
 */
export const UNITS = [
  { name: 'requests', price: 'nano_usd_per_request', rate: 'perRequest', per: 1n },
  { name: 'input_tokens', price: 'input_nano_usd_per_1m_tokens', rate: 'inputPer1mTokens', per: 1_000_000n },
  { name: 'cached_input_tokens', price: 'cached_input_nano_usd_per_1m_tokens', rate: 'cachedInputPer1mTokens', per: 1_000_000n },
  { name: 'output_tokens', price: 'output_nano_usd_per_1m_tokens', rate: 'outputPer1mTokens', per: 1_000_000n },
  { name: 'images', price: 'nano_usd_per_image', rate: 'perImage', per: 1n },
  { name: 'audio_milliseconds', price: 'nano_usd_per_audio_second', rate: 'perAudioSecond', per: 1_000n },
  { name: 'video_milliseconds', price: 'nano_usd_per_video_second', rate: 'perVideoSecond', per: 1_000n },
] as const;

/** `name`: the count in an event; `price`: the field of a price; `rate`: the same ready for arithmetic; `per`: counts that one price is for. */
export type Unit = (typeof UNITS)[number];
export type UnitName = Unit['name'];
export type PriceField = Unit['price'];
export type RateName = Unit['rate'];

/** What reports sum beside the number of calls, which is the sum of `requests`. */
export type SummedUnitName = Exclude<UnitName, 'requests'>;
export const SUMMED_UNITS: readonly SummedUnitName[] = UNITS.map(({ name }) => name).filter(
  (name): name is SummedUnitName => name !== 'requests',
);

/** An object with one member for each name. */
export function byName<Name extends string, Value>(names: readonly Name[], valueOf: (name: Name) => Value): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<Name, Value>;
}
