import { BUS_CHANNEL, type BusEvent, partitionLockName, partitionOf } from '@ecolink/contracts';
import type { Transaction } from './database.js';

/**
 * Appends events in the caller's transaction, so that a change and its event commit together or not at all.
 *
 * The partition's lock is taken before the number is drawn: numbers then become visible in the order of commits, and a
 * reader that remembers the last number it saw skips nothing. Locks are taken in sorted order against deadlocks.
 */
export async function appendEvents(transaction: Transaction, events: readonly BusEvent[]): Promise<void> {
  if (events.length === 0) return;
  const partitions = events.map((event) => partitionOf(event.topic, event.key));
  const locks = [...new Set(events.map((event, index) => partitionLockName(event.topic, partitions[index] ?? 0)))].sort();
  await transaction.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM (SELECT name FROM unnest(${locks}::text[]) AS name ORDER BY name) AS sorted`;
  await transaction.$executeRaw`
    INSERT INTO bus_events (topic, partition, key, event_id, source, occurred_at, data)
    SELECT topic, partition, key, event_id, source, occurred_at, data::jsonb
    FROM unnest(
      ${events.map((event) => event.topic)}::text[],
      ${partitions}::integer[],
      ${events.map((event) => event.key)}::text[],
      ${events.map((event) => event.id)}::text[],
      ${events.map((event) => event.source)}::text[],
      ${events.map((event) => event.occurredAt.toISOString())}::timestamptz[],
      ${events.map((event) => JSON.stringify(event.data))}::text[]
    ) WITH ORDINALITY AS event (topic, partition, key, event_id, source, occurred_at, data, place)
    ORDER BY place`;
  const topics = [...new Set(events.map((event) => event.topic))];
  await transaction.$executeRaw`SELECT pg_notify(${BUS_CHANNEL}, topic) FROM unnest(${topics}::text[]) AS topic`;
}
