import { counter, histogram } from '@ecolink/service-kit';

const MS_PER_SECOND = 1_000;

const postings = counter('ecolink_ledger_postings_total', 'Ledger transactions that were posted', ['type']);
const batchCalls = histogram(
  'ecolink_billing_batch_calls',
  'Calls that one billing transaction recorded, those that were known already included',
  [1, 2, 5, 10, 25, 50, 100, 250, 500],
);
const batchSeconds = histogram(
  'ecolink_billing_batch_seconds',
  'How long billing transactions took',
  [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
);
const quarantined = counter('ecolink_billing_quarantined_total', 'Usage events that went to the dead letters');
const topUps = counter('ecolink_top_ups_total', 'Top-ups and automatic recharges by how they ended', ['kind', 'outcome']);

/** What was posted, once its transaction is committed or about to be: one that is rolled back and repeated counts twice. */
export function countPostings(posted: readonly { readonly type: string }[]): void {
  for (const { type } of posted) postings.inc({ type });
}

export function observeBillingBatch(calls: number, elapsedMs: number): void {
  batchCalls.observe(calls);
  batchSeconds.observe(elapsedMs / MS_PER_SECOND);
}

export function countQuarantined(): void {
  quarantined.inc();
}

export function countTopUp(kind: string, outcome: 'succeeded' | 'failed' | 'expired'): void {
  topUps.inc({ kind, outcome });
}
