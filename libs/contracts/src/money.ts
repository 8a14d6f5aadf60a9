import { z } from 'zod';

/**
 * Money is an integer number of nano-USD (1 USD = 1,000,000,000), `bigint` in code and a decimal string in JSON,
 * since `JSON.parse` rounds integers above 2^53.
 */
export type NanoUsd = bigint;

export const NANO_USD_PER_USD = 1_000_000_000n;

/** The largest amount a single field may carry: PostgreSQL's bigint, which is 9.2 thousand million dollars. */
const NANO_USD_MAX = 9_223_372_036_854_775_807n;

const DECIMAL_PATTERN = /^(0|-?[1-9][0-9]{0,18})$/;

/** An amount as it travels: a decimal string of nano-USD. */
export const nanoUsdText = z
  .string()
  .regex(DECIMAL_PATTERN, 'must be a decimal string of nano-USD, e.g. "1000000000" for $1')
  .refine((text) => isWithinRange(text), 'is out of range');

/** An amount that may not be negative, as it travels. */
export const nanoUsdTextNonNegative = nanoUsdText.refine((text) => !text.startsWith('-'), 'must not be negative');

function isWithinRange(text: string): boolean {
  if (!DECIMAL_PATTERN.test(text)) return false;
  const value = BigInt(text);
  return value <= NANO_USD_MAX && value >= -NANO_USD_MAX;
}

/**
 * USD as an exact JSON number literal, for the one public list that shows prices as numbers (`/platform/models`).
 * Nine decimals at the most; trailing zeros are dropped.
 */
export function nanoUsdToUsdLiteral(amount: NanoUsd): string {
  const negative = amount < 0n;
  const absolute = negative ? -amount : amount;
  const whole = absolute / NANO_USD_PER_USD;
  const fraction = (absolute % NANO_USD_PER_USD).toString().padStart(9, '0').replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
