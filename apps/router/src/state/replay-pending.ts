import { openObject, usageRecorded } from '@ecolink/contracts';
import type { SpendingCall } from '../admission/spending-pool.js';
import type { JournalRecord } from '../settlement/journal/journal-record.js';
import type { RouterState } from './router-state.js';

const { key_id, started_at } = usageRecorded.shape;
const countedEvent = openObject({ key_id, started_at });

/** Calls that an earlier run of this router ended and billing may not have: their accounts have spent them. */
export function replayPending(state: RouterState, waiting: Iterable<JournalRecord>): void {
  const users = new Map<string, string | undefined>();
  for (const record of waiting) {
    const account = state.account(record.event.account_id);
    if (account === undefined) continue;
    if (users.size === 0) for (const key of state.keys.values()) users.set(key.key_id, key.created_by);
    const { costNanoUsd, event } = record;
    account.addPending({ position: event.journal_position, costNanoUsd, call: callOf(record, users) });
  }
}

/** A record of a newer release may lack what is looked for: it counts for the account's own budgets, by its end. */
function callOf({ event }: JournalRecord, users: ReadonlyMap<string, string | undefined>): SpendingCall {
  const counted = countedEvent.safeParse(event);
  const keyId = counted.success ? counted.data.key_id : '';
  const admittedAt = counted.success ? counted.data.started_at : event.ended_at;
  return { keyId, userId: users.get(keyId), admittedAtMs: Date.parse(admittedAt) };
}
