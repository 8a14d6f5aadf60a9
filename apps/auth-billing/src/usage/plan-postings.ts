import { newId, type UsageRecorded } from '@ecolink/contracts';
import type { Posting } from '../ledger/posting.js';
import { storableText } from '../recordset.js';
import type { PricedCall } from './price-calls.js';

const USAGE_REVENUE = 'revenue:api_usage';

export interface PlannedPostings {
  readonly postings: readonly Posting[];
  /** Every account of the batch with its balance afterwards, changed or not. */
  readonly balances: ReadonlyMap<string, bigint>;
}

/** One transaction per call that costs something, with the balance running through the batch in its order. */
export function planPostings(
  newCalls: readonly PricedCall[],
  balancesBefore: ReadonlyMap<string, bigint>,
  now: Date,
): PlannedPostings {
  const balances = new Map(balancesBefore);
  const postings: Posting[] = [];
  for (const { call, costNanoUsd } of newCalls) {
    if (costNanoUsd === 0n) continue;
    const { usage } = call;
    const balanceAfterNanoUsd = (balances.get(usage.account_id) ?? 0n) - costNanoUsd;
    balances.set(usage.account_id, balanceAfterNanoUsd);
    postings.push({
      id: newId('txn', now.getTime()),
      accountId: usage.account_id,
      type: 'api_usage',
      amountNanoUsd: -costNanoUsd,
      balanceAfterNanoUsd,
      counterAccount: USAGE_REVENUE,
      description: storableText(`API usage: ${usage.model}`),
      cause: { kind: 'usage_event', source: usage.source, eventId: usage.event_id, line: 0 },
      instanceId: usage.platform_model_id === null ? usage.instance_id : null,
      occurredAt: new Date(usage.started_at),
    });
  }
  return { postings, balances };
}

export interface JournalPosition {
  readonly accountId: string;
  readonly source: string;
  readonly position: number;
}

/** The highest journal position per account and source, of calls billed or not: routers wait for it, not for money. */
export function journalPositions(
  settled: readonly UsageRecorded[],
  balances: ReadonlyMap<string, bigint>,
): readonly JournalPosition[] {
  const highest = new Map<string, JournalPosition>();
  for (const usage of settled) {
    if (!balances.has(usage.account_id)) continue;
    const key = `${usage.account_id} ${usage.source}`;
    const known = highest.get(key);
    if (known === undefined || known.position < usage.journal_position)
      highest.set(key, { accountId: usage.account_id, source: usage.source, position: usage.journal_position });
  }
  return [...highest.keys()].sort().flatMap((key) => highest.get(key) ?? []);
}
