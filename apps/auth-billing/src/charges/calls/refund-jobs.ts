import type { UsageRecorded } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { availableOf, type Movement, transfer } from '../../ledger/posting.js';
import { storableText } from '../../ledger/recordset.js';
import { noteRefunds, type RefundedCall, takeDueRefunds } from './refunds.store.js';
import { addToTotals } from './usage-totals.store.js';
import { USAGE_REVENUE } from './usage-movements.js';

/** Calls of these begin jobs, which may fail when they were billed already. */
const JOB_ENDPOINTS: ReadonlySet<string> = new Set(['/v1/video/generations']);
/** The charge of a call is line 0 of its cause. */
const REFUND_LINE = 1;

/**
 * Gives back what failed jobs cost: those that these events name, and those among the calls that were recorded just now, since the word of
 * the failure may come before the call. The sums of the call's own quarter of an hour and day go back with it, so that reports and budgets
 * show what was paid in the end.
 */
export async function refundJobs(
  transaction: Transaction,
  { failures, recorded }: { readonly failures: readonly UsageRecorded[]; readonly recorded: readonly UsageRecorded[] },
  now: Date,
): Promise<readonly Movement[]> {
  const asked = failures.map(({ account_id, refund_of }) => ({ account_id, request_id: refund_of ?? '' }));
  const begun = recorded.filter(({ endpoint }) => JOB_ENDPOINTS.has(endpoint));
  const named = [...asked, ...begun.map(({ account_id, request_id }) => ({ account_id, request_id }))];
  if (named.length === 0) return [];
  await noteRefunds(transaction, asked, now);
  const due = (await takeDueRefunds(transaction, named, now)).filter(({ amountNanoUsd }) => amountNanoUsd > 0n);
  await addToTotals(transaction, due.map(takenOff));
  return due.map((refund) => movementOf(refund, now));
}

function takenOff({ usage, amountNanoUsd }: RefundedCall) {
  return { call: { usage: { ...usage, units: { requests: 0 } } }, costNanoUsd: -amountNanoUsd };
}

function movementOf({ usage, amountNanoUsd }: RefundedCall, now: Date): Movement {
  return {
    accountId: usage.account_id,
    type: 'refund',
    legs: transfer(availableOf(usage.account_id), USAGE_REVENUE, amountNanoUsd),
    description: storableText(`Refund of a failed job: ${usage.model}`),
    cause: { kind: 'usage_event', source: usage.source, eventId: usage.event_id, line: REFUND_LINE },
    instanceId: usage.platform_model_id === null ? usage.instance_id : null,
    occurredAt: now,
  };
}
