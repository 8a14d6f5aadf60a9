import type { Database } from '@ecolink/database';
import { verifyBalances, verifyTransactions, type VerifiedSlice } from './verify-ledger.store.js';

const SLICE = 2_000;
const PROBLEMS_MAX = 100;
const SLICES_MAX = 1_000_000;

/**
 * Proves the whole ledger: entries sum to zero, and every balance equals the fold of its account's entries (each
 * transaction carries the balance on, and the balance is where the last one ends). Gives up to 100 problems.
 */
export async function verifyLedger(database: Database): Promise<readonly string[]> {
  const problems = [
    ...(await walk('0', (after) => verifyTransactions(database, after, SLICE))),
    ...(await walk('', (after) => verifyBalances(database, after, SLICE))),
  ];
  return problems.slice(0, PROBLEMS_MAX);
}

async function walk(start: string, verifySlice: (after: string) => Promise<VerifiedSlice>): Promise<readonly string[]> {
  const problems: string[] = [];
  let after: string | undefined = start;
  for (let slice = 0; after !== undefined && slice < SLICES_MAX && problems.length < PROBLEMS_MAX; slice += 1) {
    const verified: VerifiedSlice = await verifySlice(after);
    problems.push(...verified.problems);
    after = verified.next;
  }
  return problems;
}
