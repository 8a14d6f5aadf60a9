import { BUS_CHANNEL, type BusEvent, partitionLockName, partitionOf } from '@ecolink/contracts';
import type pg from 'pg';
import { declarationOf } from '../declared-partitions.js';
import { jsonbText } from './jsonb-text.js';

/**
 * Appends events in a transaction of their own. The same rule as the outbox's append: the lock of a partition is taken
 * before its numbers are drawn, in sorted order, so that numbers become visible in the order of commits and no reader that
 * remembers the last one it saw skips any.
 */
export async function appendBatch(client: pg.PoolClient, events: readonly BusEvent[]): Promise<void> {
  const partitions = events.map((event) => partitionOf(declarationOf(event.topic).name, event.key));
  const locks = new Set(events.map((event, index) => partitionLockName(event.topic, partitions[index] ?? 0)));
  await client.query('BEGIN');
  try {
    await client.query(
      `SELECT pg_advisory_xact_lock(hashtextextended(name, 0))
       FROM (SELECT name FROM unnest($1::text[]) AS name ORDER BY name) AS sorted`,
      [[...locks]],
    );
    await client.query(
      `INSERT INTO bus_events (topic, partition, key, event_id, source, occurred_at, data)
       SELECT topic, partition, key, event_id, source, occurred_at, data::jsonb
       FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
         WITH ORDINALITY AS event (topic, partition, key, event_id, source, occurred_at, data, place)
       ORDER BY place`,
      [
        events.map((event) => event.topic),
        partitions,
        events.map((event) => event.key),
        events.map((event) => event.id),
        events.map((event) => event.source),
        events.map((event) => event.occurredAt.toISOString()),
        events.map((event) => jsonbText(event.data, event.json)),
      ],
    );
    await client.query('SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic', [
      BUS_CHANNEL,
      [...new Set(events.map((event) => event.topic))],
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
