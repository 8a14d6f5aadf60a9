import { ApiError, type TransactionType } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { lockBalances } from './ledger.store.js';
import { BalanceOutOfRangeError } from './plan-transactions.js';
import { announcePostings, postTransactions } from './post-transactions.js';
import { availableOf, type Cause, type Posting, transfer } from './posting.js';

export interface Credit {
  readonly accountId: string;
  /** Negative takes money off. */
  readonly amountNanoUsd: bigint;
  readonly type: Extract<TransactionType, 'bonus' | 'admin_correction' | 'contract_grant' | 'bonus_grant'>;
  readonly description: string;
  readonly cause: Omit<Cause, 'line'>;
}

const CREDITS = 'equity:credits';

/** Posts a credit, moves the balance and announces both. Throws 404 for an unknown account, 400 beyond what a balance holds. */
export async function creditAccount(transaction: Transaction, credit: Credit, now: Date): Promise<Posting> {
  const { accountId } = credit;
  const balances = await lockBalances(transaction, [accountId]);
  if (balances.size === 0) throw new ApiError('not_found', 'there is no such account');
  const movement = {
    accountId,
    type: credit.type,
    legs: transfer(availableOf(accountId), CREDITS, credit.amountNanoUsd),
    description: credit.description,
    cause: { ...credit.cause, line: 0 },
    instanceId: null,
    occurredAt: now,
  };
  const { postings } = await postTransactions(transaction, { movements: [movement], balances, now }).catch(refuseOutOfRange);
  const [posting] = postings;
  if (posting === undefined) throw new Error(`the credit ${credit.cause.eventId} was posted before`);
  await announcePostings(transaction, postings, [accountId], now);
  return posting;
}

function refuseOutOfRange(error: unknown): never {
  if (error instanceof BalanceOutOfRangeError)
    throw new ApiError('invalid_request', 'the balance would be out of range', { param: 'amount_nano_usd' });
  throw error;
}
