import type { DeliveredEvent } from '@ecolink/contracts';
import { errorText, type BusLogger } from '../bus-logger.js';
import { PoisonEventError, type BatchHandler, type EventBatch } from '../event-bus.js';
import { type BackOff, waitBackOff } from './back-off.js';
import type { PoisonDetector } from './poison-detector.js';
import { withDeadline } from './with-deadline.js';

const ANSWERS_WITHIN_MS = 2_000;

export interface Delivery {
  /** Whose events these are, for the log. */
  readonly group: string;
  readonly handle: BatchHandler;
  /** Puts an event that can never be handled where it belongs; durable when it resolves. */
  readonly discard: (event: DeliveredEvent, reason: string, attempts: number) => Promise<void>;
  /** Called after each part of the batch: everything up to and with `last` is handled or discarded. */
  readonly advance: (last: DeliveredEvent) => Promise<void>;
  /** Called when a try failed and is repeated, before the wait. */
  readonly onFailure?: () => void;
  /** Undefined where that cannot be told. */
  readonly canReachDatabase: () => Promise<boolean | undefined>;
  /** How long the database may take to answer. Default 2 s. */
  readonly answersWithinMs?: number;
  readonly poison: PoisonDetector;
  readonly backOff: BackOff;
  /** Aborted when the partition is no longer ours or the subscription closes. */
  readonly signal: AbortSignal;
  readonly logger: BusLogger;
}

/** Some events of the batch that are tried together, and the one up to which the batch is done once they are. */
interface Part {
  readonly events: readonly DeliveredEvent[];
  readonly end: DeliveredEvent;
}

interface Attempts {
  failures: number;
  /** Those at which the database answered: the others speak against it, not against an event. */
  countedFailures: number;
  readonly handledCountBefore: number;
}

/**
 * Hands a batch over until every event of it is handled or discarded, however long that takes, in order. A batch that fails
 * is tried again in halves, so that one bad event ends up alone and is found. Rejects only when `signal` aborts or
 * `advance` fails; what was not advanced over is then delivered again.
 */
export async function deliverBatch(batch: EventBatch, delivery: Delivery): Promise<void> {
  const end = batch.events.at(-1);
  const parts: Part[] = end === undefined ? [] : [{ events: batch.events, end }];
  let attempts = newAttempts(delivery);
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    delivery.signal.throwIfAborted();
    const failure = await tryHandle({ topic: batch.topic, partition: batch.partition, events: part.events }, delivery);
    if (failure === undefined) delivery.poison.noteHandled();
    else attempts.failures += 1;
    const next = failure === undefined ? [] : await afterFailure(part, failure.error, attempts, delivery);
    if (next.length === 0) await delivery.advance(part.end);
    parts.unshift(...next);
    if (next[0] !== part) attempts = newAttempts(delivery);
  }
}

function newAttempts(delivery: Delivery): Attempts {
  return { failures: 0, countedFailures: 0, handledCountBefore: delivery.poison.handledCount };
}

async function tryHandle(batch: EventBatch, delivery: Delivery): Promise<{ readonly error: unknown } | undefined> {
  try {
    await delivery.handle(batch);
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** What is tried next in place of the part that failed: the same again, its halves, what is left of it, or nothing. */
async function afterFailure(part: Part, error: unknown, attempts: Attempts, delivery: Delivery): Promise<readonly Part[]> {
  const poison = error instanceof PoisonEventError ? part.events.find((event) => event.id === error.eventId) : undefined;
  if (poison !== undefined) {
    if (!(await tryDiscard(poison, errorText(error), attempts.failures, delivery))) return sameAgain(part, attempts, delivery);
    const events = part.events.filter((event) => event !== poison);
    return events.length === 0 ? [] : [{ events, end: part.end }];
  }
  logFailure(part, error, attempts, delivery);
  const answers = await databaseAnswers(delivery);
  if (answers !== false) attempts.countedFailures += 1;
  const alone = part.events.length === 1 ? part.events[0] : undefined;
  if (alone !== undefined && delivery.poison.isPoison(attempts.countedFailures, attempts.handledCountBefore, answers === true)) {
    if (await tryDiscard(alone, errorText(error), attempts.failures, delivery)) return [];
  }
  const again = await sameAgain(part, attempts, delivery);
  return alone === undefined ? halves(part) : again;
}

/** A server that is there and silent is as far away as one that is not. */
function databaseAnswers({ canReachDatabase, answersWithinMs = ANSWERS_WITHIN_MS }: Delivery): Promise<boolean | undefined> {
  return withDeadline(canReachDatabase(), answersWithinMs, 'the database is silent').catch(() => false);
}

async function sameAgain(part: Part, attempts: Attempts, delivery: Delivery): Promise<readonly Part[]> {
  delivery.onFailure?.();
  await waitBackOff(delivery.backOff, attempts.failures, delivery.signal);
  return [part];
}

function halves(part: Part): readonly Part[] {
  const middle = Math.ceil(part.events.length / 2);
  const first = part.events.slice(0, middle);
  return [
    { events: first, end: first.at(-1) ?? part.end },
    { events: part.events.slice(middle), end: part.end },
  ];
}

/** False when the dead letter could not be stored: without it going on would lose the event, so the event is tried again. */
async function tryDiscard(event: DeliveredEvent, reason: string, attempts: number, delivery: Delivery): Promise<boolean> {
  try {
    await delivery.discard(event, reason, attempts);
  } catch (error) {
    delivery.logger.warn({ ...placeOf(event, delivery), error: errorText(error) }, 'dead_letter_not_stored');
    return false;
  }
  delivery.logger.error({ ...placeOf(event, delivery), attempts, reason }, 'event_dead_lettered');
  return true;
}

/** For what no handler can be asked about again: stores the dead letter however long that takes. */
export async function discardSurely(event: DeliveredEvent, reason: string, delivery: Delivery): Promise<void> {
  for (let failures = 1; !(await tryDiscard(event, reason, 1, delivery)); failures += 1) {
    delivery.onFailure?.();
    await waitBackOff(delivery.backOff, failures, delivery.signal);
  }
}

function logFailure(part: Part, error: unknown, attempts: Attempts, delivery: Delivery): void {
  const fields = {
    ...placeOf(part.end, delivery),
    events: part.events.length,
    attempt: attempts.failures,
    error: errorText(error),
  };
  delivery.logger.warn(fields, 'event_batch_failed');
}

function placeOf(event: DeliveredEvent, delivery: Delivery): object {
  return { group: delivery.group, topic: event.topic, partition: event.partition, position: event.position, event_id: event.id };
}
