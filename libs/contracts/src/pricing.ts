import { z } from 'zod';
import { type NanoUsd, nanoUsdTextNonNegative } from './money.js';

/** Prices of a target, as they travel. An absent field costs nothing; with no field at all the target is not priced. */
export const pricesDto = z.strictObject({
  input_nano_usd_per_1m_tokens: nanoUsdTextNonNegative.optional(),
  cached_input_nano_usd_per_1m_tokens: nanoUsdTextNonNegative.optional(),
  output_nano_usd_per_1m_tokens: nanoUsdTextNonNegative.optional(),
  nano_usd_per_image: nanoUsdTextNonNegative.optional(),
  nano_usd_per_audio_second: nanoUsdTextNonNegative.optional(),
  nano_usd_per_video_second: nanoUsdTextNonNegative.optional(),
  nano_usd_per_request: nanoUsdTextNonNegative.optional(),
});
export type PricesDto = z.infer<typeof pricesDto>;

/** What a call consumed; all integers. Cached tokens are part of the input tokens. */
export const unitsDto = z.strictObject({
  requests: z.int().min(0),
  input_tokens: z.int().min(0).optional(),
  cached_input_tokens: z.int().min(0).optional(),
  output_tokens: z.int().min(0).optional(),
  images: z.int().min(0).optional(),
  audio_milliseconds: z.int().min(0).optional(),
  video_milliseconds: z.int().min(0).optional(),
});
export type Units = z.infer<typeof unitsDto>;

/** Prices ready for arithmetic: nano-USD per unit, `undefined` where the field is absent. */
export interface Prices {
  readonly inputPer1mTokens: NanoUsd;
  readonly cachedInputPer1mTokens: NanoUsd;
  readonly outputPer1mTokens: NanoUsd;
  readonly perImage: NanoUsd;
  readonly perAudioSecond: NanoUsd;
  readonly perVideoSecond: NanoUsd;
  readonly perRequest: NanoUsd;
  /** False when no price field is given at all: a platform model without a price is refused with 402. */
  readonly isPriced: boolean;
  /** True when no call can cost anything. */
  readonly isFree: boolean;
}

const MICRO = 1_000_000n;
const MILLI = 1_000n;

function amount(text: string | undefined): NanoUsd {
  return text === undefined ? 0n : BigInt(text);
}

export function pricesFromDto(dto: PricesDto): Prices {
  const inputPer1mTokens = amount(dto.input_nano_usd_per_1m_tokens);
  const values = {
    inputPer1mTokens,
    // No cached price means that cached tokens cost what other input costs.
    cachedInputPer1mTokens:
      dto.cached_input_nano_usd_per_1m_tokens === undefined ? inputPer1mTokens : amount(dto.cached_input_nano_usd_per_1m_tokens),
    outputPer1mTokens: amount(dto.output_nano_usd_per_1m_tokens),
    perImage: amount(dto.nano_usd_per_image),
    perAudioSecond: amount(dto.nano_usd_per_audio_second),
    perVideoSecond: amount(dto.nano_usd_per_video_second),
    perRequest: amount(dto.nano_usd_per_request),
  };
  return {
    ...values,
    isPriced: Object.values(dto).some((value) => value !== undefined),
    isFree: Object.values(values).every((value) => value === 0n),
  };
}

export const NO_PRICES: Prices = pricesFromDto({});

/**
 * The cost of one call in nano-USD: the exact sum over its units, rounded up once.
 * Everything is brought to millionths of a nano-USD first, so that nothing is rounded on the way.
 */
export function costOf(units: Units, prices: Prices): NanoUsd {
  const input = BigInt(units.input_tokens ?? 0);
  const cachedReported = BigInt(units.cached_input_tokens ?? 0);
  const cached = cachedReported > input ? input : cachedReported;
  const millionths =
    (input - cached) * prices.inputPer1mTokens +
    cached * prices.cachedInputPer1mTokens +
    BigInt(units.output_tokens ?? 0) * prices.outputPer1mTokens +
    BigInt(units.images ?? 0) * prices.perImage * MICRO +
    BigInt(units.audio_milliseconds ?? 0) * prices.perAudioSecond * MILLI +
    BigInt(units.video_milliseconds ?? 0) * prices.perVideoSecond * MILLI +
    BigInt(units.requests) * prices.perRequest * MICRO;
  return (millionths + MICRO - 1n) / MICRO;
}

const BYTES_PER_TOKEN_ESTIMATED = 4;

/** Tokens counted where the upstream reported none: one for every four bytes of UTF-8, rounded up. */
export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN_ESTIMATED);
}

/** What a price belongs to: an own instance or a platform model. */
export function priceTargetOfInstance(instanceId: number): string {
  return `instance:${instanceId}`;
}

export function priceTargetOfPlatformModel(platformModelId: string): string {
  return `platform:${platformModelId}`;
}
