import { type DeliveredEvent, newId, type UsageRecorded } from '@ecolink/contracts';
import { Database, type Transaction } from '@ecolink/database';
import type { DeadLetterSink } from '@ecolink/messaging';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable } from '@nestjs/common';
import { CONSUMER_GROUP } from '../../event-source.js';
import { type Clock, CLOCK, DEAD_LETTER_SINK } from '../../injection.js';
import { lockBalances } from '../../ledger/ledger.store.js';
import { announcePostings, postTransactions } from '../../ledger/post-transactions.js';
import { countQuarantined, observeBillingBatch } from '../../operations/metrics/billing-metrics.js';
import { PriceBook } from '../../pricing/prices/price-book.js';
import { lockPriceVersions, readPriceVersions } from '../../pricing/prices/prices.store.js';
import { readArchivedIds } from '../months/usage-months.store.js';
import { priceCalls, type PricedCall } from './price-calls.js';
import { type Call, callId, CONFLICT_REASON, readEvents, type RefusedEvent } from './read-events.js';
import { refundJobs } from './refund-jobs.js';
import { addToTotals } from './usage-totals.store.js';
import { journalPositions, usageMovements } from './usage-movements.js';
import { insertUsage, readPayloadHashes, writeJournalPositions } from './usage.store.js';

/**
 * The billing transaction: one per batch, whatever is in it. Recording a call, its ledger entries, the balance and the
 * events that announce them commit together, so an event that is delivered again finds itself recorded and changes nothing.
 */
@Injectable()
export class PostUsage {
  private readonly logger = createLogger('auth-billing');

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DEAD_LETTER_SINK) private readonly deadLetters: DeadLetterSink,
  ) {}

  async post(events: readonly DeliveredEvent[]): Promise<void> {
    const now = this.clock();
    const { calls, failedJobs, refused } = readEvents(events, now);
    // Quarantined ones are settled too, as far as their routers go: else they would count as spent until those restart.
    const settled = [...calls.map(({ usage }) => usage), ...failedJobs, ...refused.flatMap(({ usage }) => usage ?? [])];
    const startedAtMs = performance.now();
    const refusedInside =
      settled.length === 0
        ? []
        : await this.database.transaction((transaction) => postCalls(transaction, { calls, failedJobs, settled }, now));
    if (settled.length > 0) observeBillingBatch(calls.length, performance.now() - startedAtMs);
    for (const each of [...refused, ...refusedInside]) await this.quarantine(each);
  }

  private async quarantine({ event, reason }: RefusedEvent): Promise<void> {
    this.logger.error({ event: 'usage.quarantined', event_id: event.id, source: event.source, reason });
    countQuarantined();
    await this.deadLetters.store({ group: CONSUMER_GROUP, event, reason });
  }
}

interface Batch {
  readonly calls: readonly Call[];
  readonly failedJobs: readonly UsageRecorded[];
  /** Of these calls, and of those that will not be billed: what their routers need not wait for any more. */
  readonly settled: readonly UsageRecorded[];
}

async function postCalls(
  transaction: Transaction,
  { calls, failedJobs, settled }: Batch,
  now: Date,
): Promise<readonly RefusedEvent[]> {
  await lockPriceVersions(transaction);
  const balances = await lockBalances(transaction, unique(settled.map((usage) => usage.account_id)));
  const prices = new PriceBook(
    await readPriceVersions(transaction, unique(calls.map((call) => call.target)), earliest(calls, now)),
  );
  const { kept, archived } = await withoutArchived(transaction, calls, now);
  const { priced, refused } = priceCalls(kept, balances, prices);
  const { fresh, conflicting } = await record(transaction, priced, now);
  await addToTotals(transaction, fresh);
  const refunds = await refundJobs(
    transaction,
    {
      failures: failedJobs.filter(({ account_id: accountId }) => balances.has(accountId)),
      recorded: fresh.map(({ call }) => call.usage),
    },
    now,
  );
  const movements = [...usageMovements(fresh), ...refunds];
  const { postings } = await postTransactions(transaction, { movements, balances, now, areCausesNew: refunds.length === 0 });
  await writeJournalPositions(transaction, journalPositions(settled, balances), now);
  // Also where nothing was billed: routers count a call as spent until they hear that its position is posted.
  await announcePostings(transaction, postings, [...balances.keys()], now);
  return [...archived, ...refused, ...conflicting];
}

/** No month is archived before the one after it is over (`ecolink_archive_usage_month`), so younger calls need not be asked about. */
const ARCHIVED_AFTER_MS = 28 * 24 * 60 * 60 * 1_000;

/** Nothing tells any more whether a call of an archived month was billed: it is never billed again. */
async function withoutArchived(
  transaction: Transaction,
  calls: readonly Call[],
  now: Date,
): Promise<{ kept: readonly Call[]; archived: readonly RefusedEvent[] }> {
  const youngest = newId('evt', now.getTime() - ARCHIVED_AFTER_MS);
  const old = calls.map(({ usage }) => usage.event_id).filter((id) => id < youngest);
  if (old.length === 0) return { kept: calls, archived: [] };
  const ids = await readArchivedIds(transaction, old);
  const reason = 'the usage of its month was archived: whether it was billed stands there';
  return {
    kept: calls.filter(({ usage }) => !ids.has(usage.event_id)),
    archived: calls.filter(({ usage }) => ids.has(usage.event_id)).map(({ event }) => ({ event, reason })),
  };
}

/** Splits calls into those recorded just now and those that contradict what is recorded under their id. */
async function record(
  transaction: Transaction,
  priced: readonly PricedCall[],
  now: Date,
): Promise<{ fresh: PricedCall[]; conflicting: RefusedEvent[] }> {
  if (priced.length === 0) return { fresh: [], conflicting: [] };
  const inserted = await insertUsage(transaction, priced, now);
  const fresh = priced.filter(({ call }) => inserted.has(callId(call.usage)));
  const known = priced.filter(({ call }) => !inserted.has(callId(call.usage)));
  if (known.length === 0) return { fresh, conflicting: [] };
  const hashes = await readPayloadHashes(transaction, known);
  const conflicting = known.filter(({ call }) => hashes.get(callId(call.usage)) !== call.payloadHash);
  return { fresh, conflicting: conflicting.map(({ call }) => ({ event: call.event, reason: CONFLICT_REASON })) };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

function earliest(calls: readonly Call[], now: Date): Date {
  return new Date(Math.min(now.getTime(), ...calls.map((call) => call.pricedAt.getTime())));
}
