import { ApiError, type BusEvent, newId, type TransactionType } from '@ecolink/contracts';
import { appendEvents, type Transaction } from '@ecolink/database';
import { readAccountEvents } from '../accounts/account-state.store.js';
import { insertPostings, lockBalances, writeBalances } from './ledger.store.js';
import { type Cause, ledgerPostedEvent, type Posting } from './posting.js';

export interface Credit {
  readonly accountId: string;
  /** Negative takes money off. */
  readonly amountNanoUsd: bigint;
  readonly type: Extract<TransactionType, 'bonus' | 'admin_correction' | 'contract_grant' | 'bonus_grant'>;
  readonly description: string;
  readonly cause: Omit<Cause, 'line'>;
}

const BALANCE_MAX = 2n ** 63n - 1n;

/** Posts a credit, moves the balance and announces both. Throws 404 for an unknown account, 400 beyond what a balance holds. */
export async function creditAccount(transaction: Transaction, credit: Credit, now: Date): Promise<Posting> {
  const balanceNanoUsd = (await lockBalances(transaction, [credit.accountId])).get(credit.accountId);
  if (balanceNanoUsd === undefined) throw new ApiError('not_found', 'there is no such account');
  const balanceAfterNanoUsd = balanceNanoUsd + credit.amountNanoUsd;
  if (balanceAfterNanoUsd > BALANCE_MAX || balanceAfterNanoUsd < -BALANCE_MAX) {
    throw new ApiError('invalid_request', 'the balance would be out of range', { param: 'amount_nano_usd' });
  }
  const posting: Posting = {
    id: newId('txn', now.getTime()),
    accountId: credit.accountId,
    type: credit.type,
    amountNanoUsd: credit.amountNanoUsd,
    balanceAfterNanoUsd,
    counterAccount: 'equity:credits',
    description: credit.description,
    cause: { ...credit.cause, line: 0 },
    instanceId: null,
    occurredAt: now,
  };
  await insertPostings(transaction, [posting], now);
  await writeBalances(transaction, new Map([[credit.accountId, balanceAfterNanoUsd]]));
  const events: BusEvent[] = [
    ledgerPostedEvent(posting, now),
    ...(await readAccountEvents(transaction, [credit.accountId], now)),
  ];
  await appendEvents(transaction, events);
  return posting;
}
