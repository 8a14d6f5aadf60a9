import type { DeliveredEvent, UsageRecorded } from '@ecolink/contracts';
import { appendEvents, Database, type Transaction } from '@ecolink/database';
import type { DeadLetterSink } from '@ecolink/messaging';
import { createLogger } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { readAccountEvents } from '../accounts/account-state.store.js';
import { CONSUMER_GROUP } from '../event-source.js';
import { type Clock, CLOCK, DEAD_LETTER_SINK } from '../injection.js';
import { insertPostings, lockBalances, writeBalances } from '../ledger/ledger.store.js';
import { ledgerPostedEvent } from '../ledger/posting.js';
import { PriceBook } from '../prices/price-book.js';
import { holdPricesStill, readPriceVersions } from '../prices/prices.store.js';
import { journalPositions, planPostings } from './plan-postings.js';
import { priceCalls, type PricedCall } from './price-calls.js';
import { type Call, callId, CONFLICT_REASON, readEvents, type RefusedEvent } from './read-events.js';
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
    const { calls, refused } = readEvents(events, now);
    // Quarantined ones are settled too, as far as their routers go: else they would count as spent until those restart.
    const settled = [...calls.map(({ usage }) => usage), ...refused.flatMap(({ usage }) => usage ?? [])];
    const refusedInside =
      settled.length === 0
        ? []
        : await this.database.transaction((transaction) => postCalls(transaction, { calls, settled }, now));
    for (const each of [...refused, ...refusedInside]) await this.quarantine(each);
  }

  private async quarantine({ event, reason }: RefusedEvent): Promise<void> {
    this.logger.error({ event: 'usage.quarantined', event_id: event.id, source: event.source, reason });
    await this.deadLetters.store({ group: CONSUMER_GROUP, event, reason });
  }
}

interface Batch {
  readonly calls: readonly Call[];
  /** Of these calls, and of those that will not be billed: what their routers need not wait for any more. */
  readonly settled: readonly UsageRecorded[];
}

async function postCalls(transaction: Transaction, { calls, settled }: Batch, now: Date): Promise<readonly RefusedEvent[]> {
  await holdPricesStill(transaction);
  const balances = await lockBalances(transaction, unique(settled.map((usage) => usage.account_id)));
  const prices = new PriceBook(
    await readPriceVersions(transaction, unique(calls.map((call) => call.target)), earliest(calls, now)),
  );
  const { priced, refused } = priceCalls(calls, balances, prices);
  const { fresh, conflicting } = await record(transaction, priced, now);
  const planned = planPostings(fresh, balances, now);
  await insertPostings(transaction, planned.postings, now);
  await writeBalances(transaction, planned.balances);
  await writeJournalPositions(transaction, journalPositions(settled, balances), now);
  // Also where nothing was billed: routers count a call as spent until they hear that its position is posted.
  const accountEvents = await readAccountEvents(transaction, [...balances.keys()], now);
  await appendEvents(transaction, [...planned.postings.map((posting) => ledgerPostedEvent(posting, now)), ...accountEvents]);
  return [...refused, ...conflicting];
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
