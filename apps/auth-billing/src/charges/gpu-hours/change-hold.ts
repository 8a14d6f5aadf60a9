import { ApiError } from '@ecolink/contracts';
import type { Database, Transaction } from '@ecolink/database';
import { lockBalances } from '../../ledger/ledger.store.js';
import type { AccountBalance } from '../../ledger/plan-transactions.js';
import { announcePostings, postTransactions } from '../../ledger/post-transactions.js';
import { lockPriceVersions } from '../../pricing/prices/prices.store.js';
import { type Hold, holdChangedEvent } from './hold.js';
import { holdNotices } from './hold-notices.js';
import { saveHold } from './holds.store.js';
import type { Step } from './run-cycles.js';

export interface HoldContext {
  readonly transaction: Transaction;
  readonly balance: AccountBalance;
  readonly now: Date;
}

/** A step of a run; `before` where the run was known, so that people hear of a change once. */
export interface DecidedStep extends Step {
  readonly before?: Hold;
}

/**
 * Changes one run under the lock of its account: the money of the step, the run and the events of both commit together.
 * Nothing happens where `decide` gives no step. 404 for an unknown account.
 */
export function changeHold(
  database: Database,
  { accountId, now }: { accountId: string; now: Date },
  decide: (context: HoldContext) => Promise<DecidedStep | undefined>,
): Promise<Hold | undefined> {
  return database.transaction(async (transaction) => {
    await lockPriceVersions(transaction);
    const balances = await lockBalances(transaction, [accountId]);
    const balance = balances.get(accountId);
    if (balance === undefined) throw new ApiError('not_found', 'there is no such account');
    const step = await decide({ transaction, balance, now });
    if (step === undefined) return undefined;
    const { postings } = await postTransactions(transaction, { movements: step.movements, balances, now });
    const saved = await saveHold(transaction, step.hold);
    const events = [holdChangedEvent(saved, now), ...holdNotices(step.before, saved, now)];
    await announcePostings(transaction, postings, [accountId], now, events);
    return saved;
  });
}
