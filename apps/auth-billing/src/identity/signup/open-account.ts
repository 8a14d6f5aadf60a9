import type { Transaction } from '@ecolink/database';
import { EVENT_SOURCE } from '../../event-source.js';
import { creditAccount } from '../../ledger/credit-account.js';
import { createAccountWithOwner, createAccountWithoutEvent } from '../accounts/create-account.js';
import { insertMembership } from '../team/members.store.js';

export interface NewAccount {
  readonly name: string;
  readonly ownerId: string;
  /** 0 for none. */
  readonly bonusNanoUsd: bigint;
}

/** An account of one owner with the sign-up bonus as its first ledger row, which the account's id keeps from being posted twice. */
export async function openAccount(transaction: Transaction, account: NewAccount, now: Date): Promise<string> {
  const { name, ownerId, bonusNanoUsd } = account;
  const create = bonusNanoUsd > 0n ? createAccountWithoutEvent : createAccountWithOwner;
  const { accountId } = await create(transaction, { name }, now);
  await insertMembership(transaction, { accountId, userId: ownerId, role: 'owner' }, now);
  if (bonusNanoUsd <= 0n) return accountId;
  const cause = { kind: 'signup', source: EVENT_SOURCE, eventId: accountId } as const;
  const credit = { accountId, amountNanoUsd: bonusNanoUsd, type: 'bonus', description: 'Sign-up bonus', cause } as const;
  await creditAccount(transaction, credit, now);
  return accountId;
}
