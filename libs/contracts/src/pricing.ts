import { z } from 'zod';
import { byName, type PriceField, type RateName, type UnitName, UNITS } from './metering/units.js';
import { type NanoUsd, nanoUsdTextNonNegative } from './money.js';
import { openObject, unknownMembers } from './open-object.js';

const price = nanoUsdTextNonNegative.optional();
const count = z.int().min(0);

const priceFields: Record<PriceField, typeof price> = byName(
  UNITS.map((unit) => unit.price),
  () => price,
);

/** Prices as an operator sets them: a field that this release does not know is refused. */
export const pricesInput = z.strictObject(priceFields);

/**
 * Prices of a target, as they travel and are kept. An absent field costs nothing; with no field at all the target is not
 * priced. Fields of later releases are kept.
 */
export const pricesDto = openObject(priceFields);
export type PricesDto = z.infer<typeof pricesDto>;

const optionalCounts: Record<UnitName, z.ZodOptional<typeof count>> = byName(
  UNITS.map((unit) => unit.name),
  () => count.optional(),
);

/** What a call consumed; all integers. Cached tokens are part of the input tokens. Units of later releases are kept. */
export const unitsDto = openObject({ ...optionalCounts, requests: count });
export type Units = z.infer<typeof unitsDto>;

/** Prices ready for arithmetic: nano-USD for so many units as `UNITS` says; 0 where the field is absent. */
export interface Prices extends Readonly<Record<RateName, NanoUsd>> {
  /** Price fields that this release cannot apply, but for those that are "0". */
  readonly unknownFields: readonly string[];
  /** False when no price field is given at all: a platform model without a price is refused with 402. */
  readonly isPriced: boolean;
  /** True when no call can cost anything, as far as this release can tell. */
  readonly isFree: boolean;
}

const PRICE_FIELDS: ReadonlySet<string> = new Set(Object.keys(priceFields));
const UNIT_NAMES: ReadonlySet<string> = new Set(Object.keys(unitsDto.shape));

export function pricesFromDto(dto: PricesDto): Prices {
  const rates = Object.fromEntries(UNITS.map((unit) => [unit.rate, BigInt(dto[unit.price] ?? '0')])) as Record<RateName, NanoUsd>;
  // No cached price means that cached tokens cost what other input costs.
  if (dto.cached_input_nano_usd_per_1m_tokens === undefined) rates.cachedInputPer1mTokens = rates.inputPer1mTokens;
  const unknownFields = unknownMembers(dto, PRICE_FIELDS).filter((name) => Reflect.get(dto, name) !== '0');
  return {
    ...rates,
    unknownFields,
    isPriced: Object.values(dto).some((value) => value !== undefined),
    isFree: unknownFields.length === 0 && Object.values(rates).every((rate) => rate === 0n),
  };
}

/** Units that this release cannot price, but for those that are 0. */
export function unknownUnits(units: Units): readonly string[] {
  return unknownMembers(units, UNIT_NAMES).filter((name) => Reflect.get(units, name) !== 0);
}

export const NO_PRICES: Prices = pricesFromDto({});

/** Everything is brought to this many parts of a nano-USD first, so that nothing is rounded on the way. */
const PARTS = 1_000_000n;

/** The cost of one call in nano-USD: the exact sum over its units, rounded up once. */
export function costOf(units: Units, prices: Prices): NanoUsd {
  let parts = 0n;
  for (const unit of UNITS) {
    const counted = pricedCount(units, unit.name);
    if (counted > 0) parts += (BigInt(counted) * prices[unit.rate] * PARTS) / unit.per;
  }
  return (parts + PARTS - 1n) / PARTS;
}

/** Cached tokens are priced apart from the rest of the input, of which they are a part; more of them than input count as the input. */
function pricedCount(units: Units, name: UnitName): number {
  const counted = units[name] ?? 0;
  if (name === 'input_tokens') return counted - Math.min(units.cached_input_tokens ?? 0, counted);
  return name === 'cached_input_tokens' ? Math.min(counted, units.input_tokens ?? 0) : counted;
}

const BYTES_PER_TOKEN_ESTIMATED = 4;

/** Tokens counted where the upstream reported none: one for every four bytes of UTF-8, rounded up. */
export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN_ESTIMATED);
}

/** What a price belongs to: an own instance, a platform model or a GPU type. */
export function priceTargetOfInstance(instanceId: number): string {
  return `instance:${instanceId}`;
}

export function priceTargetOfPlatformModel(platformModelId: string): string {
  return `platform:${platformModelId}`;
}

export function priceTargetOfGpuType(gpuType: string): string {
  return `gpu:${gpuType}`;
}

/** The price of a GPU type: nano-USD for one GPU and hour. Under a target of its own, versioned like every price. */
export const gpuPrices = openObject({ nano_usd_per_gpu_hour: nanoUsdTextNonNegative });
export type GpuPrices = z.infer<typeof gpuPrices>;
