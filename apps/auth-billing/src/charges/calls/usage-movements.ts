import type { UsageRecorded } from '@ecolink/contracts';
import { availableOf, type Movement, transfer } from '../../ledger/posting.js';
import { storableText } from '../../ledger/recordset.js';
import type { PricedCall } from './price-calls.js';

export const USAGE_REVENUE = 'revenue:api_usage';

/** One movement per call that costs something, in the order of the batch. */
export function usageMovements(newCalls: readonly PricedCall[]): readonly Movement[] {
  return newCalls
    .filter(({ costNanoUsd }) => costNanoUsd > 0n)
    .map(({ call: { usage }, costNanoUsd }) => ({
      accountId: usage.account_id,
      type: 'api_usage',
      legs: transfer(availableOf(usage.account_id), USAGE_REVENUE, -costNanoUsd),
      description: storableText(`API usage: ${usage.model}`),
      cause: { kind: 'usage_event', source: usage.source, eventId: usage.event_id, line: 0 },
      instanceId: usage.platform_model_id === null ? usage.instance_id : null,
      occurredAt: new Date(usage.started_at),
    }));
}

export interface JournalPosition {
  readonly accountId: string;
  readonly source: string;
  readonly position: number;
}

/** The highest journal position per account and source, of calls billed or not: routers wait for it, not for money. */
export function journalPositions(
  settled: readonly UsageRecorded[],
  balances: ReadonlyMap<string, unknown>,
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
