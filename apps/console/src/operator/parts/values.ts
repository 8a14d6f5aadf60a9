import { NANO_USD_PER_USD } from '@ecolink/contracts';
import { moneyText, parseDollars } from '../../format/money.js';
import { operatorText as t } from '../../text/operator.js';
import type { Values } from './change-dialog.js';

/** Nano-USD of typed dollars that may carry a minus; undefined when it is no amount. */
export function parseSignedDollars(typed: string): bigint | undefined {
  const negative = /^\s*[-−]/.test(typed);
  const amount = parseDollars(typed.replace(/^\s*[-−+]/, ''));
  return amount !== undefined && negative ? -amount : amount;
}

/** Dollars as a form holds them, exact: `0.25`. */
export function dollarsOf(nanoUsd: string | null | undefined): string {
  if (nanoUsd === null || nanoUsd === undefined) return '';
  const amount = BigInt(nanoUsd);
  if (amount % NANO_USD_PER_USD === 0n) return (amount / NANO_USD_PER_USD).toString();
  return moneyText(amount)
    .replaceAll(/[$,]/g, '')
    .replace('−', '-')
    .replace(/(\.\d*?)0+$/, '$1');
}

/** What is wrong with fields that must not be empty. */
export function required(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.filter((name) => (values[name] ?? '').trim() === '').map((name) => [name, t.errors.required]));
}

export function isCount(typed: string): boolean {
  return /^\d{1,9}$/.test(typed.trim());
}
