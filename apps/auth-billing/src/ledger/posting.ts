import { type BusEvent, type LedgerPosted, TOPIC, type TransactionType } from '@ecolink/contracts';
import { EVENT_SOURCE } from '../event-source.js';

/** One side of a transaction: an amount onto (or, negative, off) a ledger account. */
export interface Leg {
  readonly ledgerAccount: string;
  readonly amountNanoUsd: bigint;
}

/** A movement of money that is to be posted. Its legs sum to zero. */
export interface Movement {
  readonly accountId: string;
  readonly type: TransactionType;
  readonly legs: readonly Leg[];
  readonly description: string;
  readonly cause: Cause;
  readonly instanceId: number | null;
  readonly occurredAt: Date;
}

/** A movement as it stands in the ledger. */
export interface Posting extends Movement {
  readonly id: string;
  /** Onto the account's available balance; negative takes off. */
  readonly amountNanoUsd: bigint;
  readonly balanceAfterNanoUsd: bigint;
}

/** What a transaction is for. The ledger takes each (source, event id, line) once, whatever is delivered or retried. */
export interface Cause {
  readonly kind: 'usage_event' | 'credit' | 'signup' | 'hold' | 'payment';
  readonly source: string;
  readonly eventId: string;
  /** Number of the transaction within its cause. */
  readonly line: number;
}

/** What an account may spend. */
export function availableOf(accountId: string): string {
  return `account:${accountId}`;
}

/** What is set aside for the running cycles of its instances. */
export function heldOf(accountId: string): string {
  return `held:${accountId}`;
}

/** Two legs: an amount onto one ledger account, from another. */
export function transfer(to: string, from: string, amountNanoUsd: bigint): readonly Leg[] {
  return [
    { ledgerAccount: to, amountNanoUsd },
    { ledgerAccount: from, amountNanoUsd: -amountNanoUsd },
  ];
}

export function ledgerPostedEvent(posting: Posting, now: Date): BusEvent<LedgerPosted> {
  const data: LedgerPosted = {
    transaction_id: posting.id,
    account_id: posting.accountId,
    type: posting.type,
    amount_nano_usd: String(posting.amountNanoUsd),
    balance_after_nano_usd: String(posting.balanceAfterNanoUsd),
    description: posting.description,
    cause: { kind: posting.cause.kind, id: posting.cause.eventId },
    instance_id: posting.instanceId,
    occurred_at: posting.occurredAt.toISOString(),
    entries: posting.legs.map((leg) => ({ ledger_account: leg.ledgerAccount, amount_nano_usd: String(leg.amountNanoUsd) })),
  };
  return { id: posting.id, source: EVENT_SOURCE, topic: TOPIC.ledgerPosted, key: posting.accountId, occurredAt: now, data };
}
