import { setTimeout as delay } from 'node:timers/promises';
import { balanceOf } from './book.mjs';

const ATTEMPTS_MAX = 10;
const WAIT_MS = 500;

/**
 * The accounts whose balance differs from what the product says; none is right. Calls that are billed meanwhile make a
 * difference for a moment, so reading and asking is repeated.
 */
export async function findDifferences({ book, api, read }) {
  for (let attempt = 1; ; attempt += 1) {
    const differences = differencesOf(book, await api.balances());
    if (differences.length === 0 || attempt === ATTEMPTS_MAX) return differences;
    await delay(WAIT_MS);
    await read();
  }
}

function differencesOf(book, balances) {
  const ids = new Set([...balances.keys(), ...Object.keys(book.accounts)]);
  return [...ids].flatMap((id) => {
    const ours = balanceOf(book.accounts[id]);
    const theirs = balances.get(id) ?? 'no such account';
    return ours === theirs ? [] : [`${id}: ${ours} by its events, ${theirs} by the product`];
  });
}
