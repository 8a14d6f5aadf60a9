import { ApiError, type BusEvent, nanoUsdToUsdLiteral } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { EVENT_SOURCE } from '../event-source.js';
import { lockBalances } from '../ledger/ledger.store.js';
import { announcePostings, postTransactions } from '../ledger/post-transactions.js';
import { availableOf, type Movement, transfer } from '../ledger/posting.js';
import { notificationEvent } from '../notification-event.js';
import { countTopUp } from '../operations/metrics/billing-metrics.js';
import { findTopUp, saveTopUp, type TopUpRow } from './payments.store.js';

/** What the provider took and gave back is the other side of every payment. */
const cashAt = (provider: string): string => `cash:${provider}`;

interface Paid {
  readonly paymentId: string;
  readonly receiptUrl: string | null;
}

/** Credits a top-up, once: told again, or by two at a time, it changes nothing. */
export async function settlePaid(transaction: Transaction, id: string, paid: Paid, now: Date): Promise<void> {
  const topUp = await lockTopUp(transaction, id);
  if (topUp.row.status === 'succeeded') return;
  const { row } = topUp;
  const type = row.kind === 'auto_recharge' ? 'auto_recharge' : 'topup';
  const movement = movementOf(row, {
    ...{ type, line: 0, eventId: row.id, amountNanoUsd: row.amountNanoUsd, now },
    description: type === 'topup' ? 'Top-up' : 'Automatic recharge',
  });
  const { paymentId, receiptUrl } = paid;
  const settled = { status: 'succeeded', checkoutUrl: null, failure: null, settledAt: now };
  // The receipt may have been told of before the payment.
  await saveTopUp(transaction, { ...row, ...settled, paymentId, receiptUrl: receiptUrl ?? row.receiptUrl });
  await post(transaction, [movement], topUp, now);
  countTopUp(row.kind, 'succeeded');
}

/** Ends a top-up that was not paid. One that was paid stays so: what the provider told first may come last. */
export async function settleUnpaid(
  transaction: Transaction,
  id: string,
  outcome: { readonly status: 'failed' | 'expired'; readonly reason: string | null },
  now: Date,
): Promise<TopUpRow> {
  const { row } = await lockTopUp(transaction, id);
  if (row.status !== 'pending') return row;
  countTopUp(row.kind, outcome.status);
  return saveTopUp(transaction, { ...row, status: outcome.status, failure: outcome.reason, checkoutUrl: null, settledAt: now });
}

/** Keeps where the payer finds the receipt. */
export async function keepReceipt(transaction: Transaction, id: string, receiptUrl: string): Promise<void> {
  const { row } = await lockTopUp(transaction, id);
  if (row.receiptUrl !== receiptUrl) await saveTopUp(transaction, { ...row, receiptUrl });
}

export interface Returned {
  readonly kind: 'refund' | 'dispute';
  /** Of the top-up, in all, as the provider says: what was told before is taken off. */
  readonly totalNanoUsd: bigint;
}

/** Takes off what went back to the payer, or gives back what a bank returned. 503 before the payment itself is known: it is told again. */
export async function settleReturned(transaction: Transaction, id: string, returned: Returned, now: Date): Promise<void> {
  const topUp = await lockTopUp(transaction, id);
  const { row } = topUp;
  if (row.status !== 'succeeded') throw new ApiError('service_unavailable', 'the payment itself is not known yet');
  const isRefund = returned.kind === 'refund';
  const known = isRefund ? row.refundedNanoUsd : row.disputedNanoUsd;
  // A refund's total only grows: a lower one is old news.
  if (returned.totalNanoUsd === known || (isRefund && returned.totalNanoUsd < known)) return;
  const delta = known - returned.totalNanoUsd;
  const movement = movementOf(row, {
    ...{ type: 'refund' as const, line: 0, amountNanoUsd: delta, now },
    eventId: `${returned.kind}_${row.id}_${returned.totalNanoUsd}_${now.getTime()}`,
    description: isRefund
      ? 'Refund of a top-up'
      : delta < 0n
        ? 'Top-up disputed by the payer\u2019s bank'
        : 'Dispute of a top-up won',
  });
  await saveTopUp(transaction, {
    ...row,
    ...(isRefund ? { refundedNanoUsd: returned.totalNanoUsd } : { disputedNanoUsd: returned.totalNanoUsd }),
  });
  await post(transaction, [movement], topUp, now, isRefund || delta > 0n ? [] : [disputeNotice(row, now)]);
}

interface LockedTopUp {
  readonly row: TopUpRow;
  readonly balances: Awaited<ReturnType<typeof lockBalances>>;
}

async function lockTopUp(transaction: Transaction, id: string): Promise<LockedTopUp> {
  const found = await findTopUp(transaction, id);
  if (found === undefined) throw new ApiError('not_found', 'there is no such top-up');
  const balances = await lockBalances(transaction, [found.accountId]);
  // Read again: under the lock it is what it is.
  return { row: (await findTopUp(transaction, id)) ?? found, balances };
}

async function post(
  transaction: Transaction,
  movements: readonly Movement[],
  { row, balances }: LockedTopUp,
  now: Date,
  events: readonly BusEvent[] = [],
): Promise<void> {
  const { postings } = await postTransactions(transaction, { movements, balances, now });
  await announcePostings(transaction, postings, [row.accountId], now, events);
}

interface MovementParts extends Pick<Movement, 'type' | 'description'> {
  readonly line: number;
  readonly eventId: string;
  readonly amountNanoUsd: bigint;
  readonly now: Date;
}

function movementOf(row: TopUpRow, parts: MovementParts): Movement {
  return {
    accountId: row.accountId,
    type: parts.type,
    legs: transfer(availableOf(row.accountId), cashAt(row.provider), parts.amountNanoUsd),
    description: parts.description,
    cause: { kind: 'payment', source: EVENT_SOURCE, eventId: parts.eventId, line: parts.line },
    instanceId: null,
    occurredAt: parts.now,
  };
}

function disputeNotice(row: TopUpRow, now: Date): BusEvent {
  return notificationEvent(
    {
      account_id: row.accountId,
      kind: 'payment_disputed',
      severity: 'critical',
      once_key: `dispute/${row.id}`,
      title: 'A top-up was disputed',
      text: `The payer's bank took back $${nanoUsdToUsdLiteral(row.amountNanoUsd)}; it was taken off the balance.`,
    },
    now,
  );
}
