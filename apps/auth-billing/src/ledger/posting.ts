import { type BusEvent, type LedgerPosted, TOPIC, type TransactionType } from '@ecolink/contracts';
import { EVENT_SOURCE } from '../event-source.js';

/** One ledger transaction about to be written: its account's leg, and the counter account that takes the opposite. */
export interface Posting {
  readonly id: string;
  readonly accountId: string;
  readonly type: TransactionType;
  /** Seen from the account: negative takes off its balance. */
  readonly amountNanoUsd: bigint;
  readonly balanceAfterNanoUsd: bigint;
  readonly counterAccount: string;
  readonly description: string;
  readonly cause: Cause;
  readonly instanceId: number | null;
  readonly occurredAt: Date;
}

/** What a transaction is for. The ledger takes each (source, event id, line) once, whatever is delivered or retried. */
export interface Cause {
  readonly kind: 'usage_event' | 'credit' | 'signup';
  readonly source: string;
  readonly eventId: string;
  /** Number of the transaction within its cause. */
  readonly line: number;
}

function accountLedger(accountId: string): string {
  return `account:${accountId}`;
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
    entries: [
      { ledger_account: accountLedger(posting.accountId), amount_nano_usd: String(posting.amountNanoUsd) },
      { ledger_account: posting.counterAccount, amount_nano_usd: String(-posting.amountNanoUsd) },
    ],
  };
  return { id: posting.id, source: EVENT_SOURCE, topic: TOPIC.ledgerPosted, key: posting.accountId, occurredAt: now, data };
}
