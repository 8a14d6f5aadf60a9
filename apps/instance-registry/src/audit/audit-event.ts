import { type AuditRecorded, type BusEvent, newId, TOPIC } from '@ecolink/contracts';
import type { Actor } from '@ecolink/service-kit';
import { EVENT_SOURCE } from '../settings.js';

/** What somebody did to a thing of an account. Values hold no secret. */
export interface AuditNote {
  readonly actor: Actor;
  /** `noun.verb`, for example `instance.stopped`. */
  readonly action: string;
  readonly target: string;
  readonly before?: Readonly<Record<string, unknown>> | undefined;
  readonly after?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The entry for the account's audit log, which auth-billing keeps. Appended in the transaction of what it tells of, last of all: so
 * none is lost, and transactions take the locks of the bus in one order.
 */
export function auditEvent(accountId: string, note: AuditNote, now: Date): BusEvent<AuditRecorded> {
  const id = newId('evt', now.getTime());
  const { actor, action, target, before = null, after = null } = note;
  const data: AuditRecorded = {
    entry_id: id,
    account_id: accountId,
    at: now.toISOString(),
    actor: { kind: actor.kind, id: actor.id },
    action,
    target,
    before,
    after,
    request_id: actor.requestId,
  };
  return { id, source: EVENT_SOURCE, topic: TOPIC.auditRecorded, key: accountId, occurredAt: now, data };
}

/** The members that differ, as they were and as they are. */
export function changedMembers<Value extends Readonly<Record<string, unknown>>>(
  before: Value,
  after: Value,
): { readonly before: Partial<Value>; readonly after: Partial<Value> } {
  const names = (Object.keys(after) as (keyof Value)[]).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (from: Value): Partial<Value> =>
    Object.fromEntries(names.map((name) => [name, from[name]])) as unknown as Partial<Value>;
  return { before: pick(before), after: pick(after) };
}
