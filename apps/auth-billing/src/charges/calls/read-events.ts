import {
  type DeliveredEvent,
  priceTargetOfInstance,
  priceTargetOfPlatformModel,
  type UsageRecorded,
  usageRecorded,
} from '@ecolink/contracts';
import { storableText } from '../../ledger/recordset.js';
import { payloadHash } from './payload-hash.js';

/** A usage event that can be billed as far as its own content says. */
export interface Call {
  readonly event: DeliveredEvent;
  readonly usage: UsageRecorded;
  readonly payloadHash: string;
  /** What its price belongs to. */
  readonly target: string;
  /** Own instances cost nothing until they are given a price; a platform model without one cannot be billed. */
  readonly isFreeWithoutPrice: boolean;
  /** The moment whose prices count: the admission, or now where the router's clock is ahead. */
  readonly pricedAt: Date;
}

/** An event that can never be billed, on its way to the dead letters. */
export interface RefusedEvent {
  readonly event: DeliveredEvent;
  readonly reason: string;
  /** Its content, where that could be read: its router waits to hear that its position was dealt with. */
  readonly usage?: UsageRecorded;
}

export interface ReadEvents {
  /** In order, each (source, event id) once. */
  readonly calls: readonly Call[];
  /** Events that are no calls: a job failed, and its call is to be given back. */
  readonly failedJobs: readonly UsageRecorded[];
  readonly refused: readonly RefusedEvent[];
}

/** How far a router's clock may be ahead of billing's. Beyond it the event's time says nothing about its price. */
const CLOCK_AHEAD_MAX_MS = 60 * 60 * 1000;

/** Parses a batch as it came off the bus. Refuses nothing silently: every event is a call, a repetition, or refused. */
export function readEvents(events: readonly DeliveredEvent[], now: Date): ReadEvents {
  const calls = new Map<string, Call>();
  const failedJobs: UsageRecorded[] = [];
  const refused: RefusedEvent[] = [];
  for (const event of events) {
    const reading = readEvent(event, now);
    if ('reason' in reading) {
      refused.push(reading);
      continue;
    }
    if (reading.usage.refund_of !== undefined) {
      failedJobs.push(reading.usage);
      continue;
    }
    const id = callId(reading.usage);
    const earlier = calls.get(id);
    if (earlier === undefined) calls.set(id, reading);
    else if (earlier.payloadHash !== reading.payloadHash) refused.push({ event, reason: CONFLICT_REASON });
  }
  return { calls: [...calls.values()], failedJobs, refused };
}

export const CONFLICT_REASON = 'an event with the same id and another payload was recorded before';

/** Deduplication is by event id and source together. */
export function callId(usage: { readonly event_id: string; readonly source: string }): string {
  return `${usage.event_id} ${usage.source}`;
}

const KEY_SHOWN = 64;
const IDS = ['event_id', 'source', 'account_id', 'key_id', 'request_id', 'refund_of'] as const;

function readEvent(event: DeliveredEvent, now: Date): Call | RefusedEvent {
  const parsed = usageRecorded.safeParse(event.data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { event, reason: `not a usage event: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` };
  }
  const usage = parsed.data;
  if (IDS.some((field) => storableText(usage[field] ?? '') !== (usage[field] ?? '')))
    return { event, reason: 'an id holds characters that cannot be stored' };
  // The key decides the partition, and so the order in which an account's calls are billed.
  if (event.key !== usage.account_id) return { event, reason: `the key ${event.key.slice(0, KEY_SHOWN)} is not the account` };
  const startedAt = new Date(usage.started_at);
  if (startedAt.getTime() > now.getTime() + CLOCK_AHEAD_MAX_MS)
    return { event, usage, reason: 'started more than an hour in the future' };
  const target = targetOf(usage);
  if (target === undefined) return { event, usage, reason: 'names neither an instance nor a platform model' };
  const pricedAt = startedAt > now ? now : startedAt;
  return {
    event,
    usage,
    payloadHash: payloadHash(usage),
    target,
    isFreeWithoutPrice: usage.platform_model_id === null,
    pricedAt,
  };
}

function targetOf(usage: UsageRecorded): string | undefined {
  if (usage.platform_model_id !== null) return priceTargetOfPlatformModel(usage.platform_model_id);
  return usage.instance_id === null ? undefined : priceTargetOfInstance(usage.instance_id);
}
