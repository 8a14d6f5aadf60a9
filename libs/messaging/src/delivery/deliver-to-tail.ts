import { type BusLogger, errorText } from '../bus-logger.js';
import { PoisonEventError, type BatchHandler, type EventBatch } from '../event-bus.js';
import { type BackOff, waitBackOff } from './back-off.js';

export interface TailDelivery {
  readonly handle: BatchHandler;
  readonly backOff: BackOff;
  readonly signal: AbortSignal;
  readonly logger: BusLogger;
}

const ATTEMPTS_MAX = 5;

/**
 * Hands a batch to a subscriber of the broadcast. What it cannot take after a few tries is left out: broadcasts carry state
 * that is read again from its owner anyway, and one bad event must not hide all later ones.
 */
export async function deliverToTail(batch: EventBatch, delivery: TailDelivery): Promise<void> {
  let { events } = batch;
  for (let attempt = 1; events.length > 0; attempt += 1) {
    delivery.signal.throwIfAborted();
    try {
      await delivery.handle({ ...batch, events });
      return;
    } catch (error) {
      const fields = { topic: batch.topic, partition: batch.partition, events: events.length, attempt, error: errorText(error) };
      delivery.logger.warn(fields, 'bus_tail_handler_failed');
      const left = error instanceof PoisonEventError ? events.filter((event) => event.id !== error.eventId) : events;
      if (left.length === events.length) {
        if (attempt >= ATTEMPTS_MAX) return;
        await waitBackOff(delivery.backOff, attempt, delivery.signal);
      }
      events = left;
    }
  }
}
