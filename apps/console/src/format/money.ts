import { NANO_USD_PER_USD } from '@ecolink/contracts';

const FRACTION_DIGITS = 9;
const CENTS_DIGITS = 2;
const NANO_USD_PER_CENT = 10_000_000n;

/** An amount in the parts that are shown apart: `$41.27` then `433515` muted, with a true minus. */
export interface MoneyParts {
  readonly sign: '−' | '+' | '';
  /** With the dollar sign, thousands separated. */
  readonly main: string;
  /** Digits beyond the cents; empty when there are none, and for amounts below one cent, which are shown whole in `main`. */
  readonly rest: string;
}

export interface MoneyOptions {
  /** Credits carry a plus. */
  readonly withPlus?: boolean;
}

/** Splits an exact amount for showing; nothing is ever rounded. */
export function moneyParts(amount: bigint, options: MoneyOptions = {}): MoneyParts {
  const negative = amount < 0n;
  const absolute = negative ? -amount : amount;
  const sign = negative ? '−' : options.withPlus === true && amount > 0n ? '+' : '';
  const whole = (absolute / NANO_USD_PER_USD).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  const fraction = (absolute % NANO_USD_PER_USD).toString().padStart(FRACTION_DIGITS, '0');
  const cents = fraction.slice(0, CENTS_DIGITS);
  const beyond = fraction.slice(CENTS_DIGITS).replace(/0+$/, '');
  if (absolute > 0n && absolute < NANO_USD_PER_CENT) return { sign, main: `$0.${cents}${beyond}`, rest: '' };
  return { sign, main: `$${whole}.${cents}`, rest: beyond };
}

/** The exact amount as one text, e.g. `$41.27433515`. */
export function moneyText(amount: bigint, options: MoneyOptions = {}): string {
  const { sign, main, rest } = moneyParts(amount, options);
  return `${sign}${main}${rest}`;
}

/** Two decimals, cut towards zero: for places that are about the order of an amount, with the exact one beside it. */
export function moneyTextShort(amount: bigint): string {
  const { sign, main } = moneyParts(amount);
  return `${sign}${main}`;
}

/** Nano-USD of what a person typed as dollars, e.g. `12.5`; undefined when it is no amount. */
export function parseDollars(typed: string): bigint | undefined {
  const match = /^\$?\s*(\d{1,9})(?:[.,](\d{1,9}))?$/.exec(typed.trim());
  if (match === null) return undefined;
  return BigInt(match[1] ?? '0') * NANO_USD_PER_USD + BigInt((match[2] ?? '').padEnd(FRACTION_DIGITS, '0'));
}

/** An amount from the API; what is missing is 0. */
export function nanoUsd(value: string | null | undefined): bigint {
  return value === null || value === undefined || value === '' ? 0n : BigInt(value);
}
