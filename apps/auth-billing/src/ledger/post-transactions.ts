import type { BusEvent } from '@ecolink/contracts';
import { appendEvents, type Transaction } from '@ecolink/database';
import { budgetNotices } from '../budgets/budget-notices.js';
import { readAccountEvents } from '../identity/accounts/account-state.store.js';
import { countPostings } from '../operations/metrics/billing-metrics.js';
import { insertPostings, readPostedCauses, writeBalances } from './ledger.store.js';
import { type AccountBalance, type PlannedTransactions, planTransactions } from './plan-transactions.js';
import { ledgerPostedEvent, type Movement, type Posting } from './posting.js';

export interface PostRequest {
  readonly movements: readonly Movement[];
  /** Of every account of the movements, locked by `lockBalances` in this transaction. */
  readonly balances: ReadonlyMap<string, AccountBalance>;
  readonly now: Date;
  /** True where the caller knows that none of the causes was posted: it recorded them for the first time just now. */
  readonly areCausesNew?: boolean;
}

/**
 * The one door of the ledger: whatever moves money goes through here. A movement whose cause was posted before is passed
 * over, so every caller may repeat itself. Writes the transactions, their legs and the balances; the caller announces them
 * (`announcePostings`) once nothing more follows.
 */
export async function postTransactions(transaction: Transaction, request: PostRequest): Promise<PlannedTransactions> {
  const { balances, now, areCausesNew = false } = request;
  const movements = areCausesNew ? request.movements : await notPosted(transaction, request.movements);
  const planned = planTransactions(movements, balances, now);
  await insertPostings(transaction, planned.postings, now);
  await writeBalances(transaction, planned.balances);
  countPostings(planned.postings);
  return planned;
}

/** Publishes what was posted and the state of the accounts, with whatever else changed; once in a transaction and last, since it locks partitions. */
export async function announcePostings(
  transaction: Transaction,
  postings: readonly Posting[],
  accountIds: readonly string[],
  now: Date,
  others: readonly BusEvent[] = [],
): Promise<void> {
  const accountEvents = await readAccountEvents(transaction, accountIds, now);
  const notices = await budgetNotices(
    transaction,
    accountEvents.map(({ data }) => data),
    now,
  );
  await appendEvents(transaction, [
    ...postings.map((posting) => ledgerPostedEvent(posting, now)),
    ...accountEvents,
    ...others,
    ...notices,
  ]);
}

async function notPosted(transaction: Transaction, movements: readonly Movement[]): Promise<readonly Movement[]> {
  if (movements.length === 0) return movements;
  const posted = await readPostedCauses(transaction, movements);
  return movements.filter(({ cause }) => !posted.has(`${cause.eventId} ${cause.source} ${cause.line}`));
}
