import { type PriceField, UNITS } from '@ecolink/contracts';
import { moneyText } from '../../format/money.js';
import { operatorText as t } from '../../text/operator.js';
import type { Values } from './change-dialog.js';
import type { Field } from './change-field.js';
import { dollarsOf, parseSignedDollars } from './values.js';

type PricesBody = { -readonly [field in PriceField]?: string };

const nameOf = (price: PriceField): string => `prices.${price}`;

/** One field for each unit that can have a price; an empty one costs nothing. */
export const PRICE_FIELDS: readonly Field[] = UNITS.map(({ price }) => ({
  name: nameOf(price),
  label: t.prices.fields[price],
  kind: 'dollars',
}));

export function priceValues(prices: Readonly<Record<string, unknown>> | null): Values {
  const entries = UNITS.map(({ price }) => {
    const amount = prices?.[price];
    return [nameOf(price), typeof amount === 'string' ? dollarsOf(amount) : ''];
  });
  return Object.fromEntries(entries) as Values;
}

export function priceErrors(values: Values): Values {
  const wrong = UNITS.map(({ price }) => nameOf(price)).filter((name) => {
    const typed = values[name] ?? '';
    return typed.trim() !== '' && (parseSignedDollars(typed) ?? -1n) < 0n;
  });
  return Object.fromEntries(wrong.map((name) => [name, t.errors.price]));
}

/** The body's `prices`; none at all means not priced. */
export function pricesOf(values: Values): PricesBody {
  const prices: PricesBody = {};
  for (const { price } of UNITS) {
    const amount = parseSignedDollars(values[nameOf(price)] ?? '');
    if (amount !== undefined) prices[price] = String(amount);
  }
  return prices;
}

/** All prices in one line. */
export function pricesText(prices: Readonly<Record<string, unknown>> | null): string {
  if (prices === null) return t.prices.unknown;
  const set = UNITS.flatMap(({ price }) => {
    const amount = prices[price];
    return typeof amount === 'string' ? [`${moneyText(BigInt(amount))} ${t.prices.short[price]}`] : [];
  });
  return set.length === 0 ? t.prices.none : set.join(', ');
}
