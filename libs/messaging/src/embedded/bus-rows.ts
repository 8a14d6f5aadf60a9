import type { DeliveredEvent } from '@ecolink/contracts';
import type pg from 'pg';

/** Anything that runs one statement: a pool, a connection, a transaction's client. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<Row>>;
}

/** Where a reader stands in a partition: it wants what comes after `position`. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly position: string;
}

/** `id` is a bigint, which pg gives as text. */
interface BusRow {
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly event_id: string;
  readonly source: string;
  readonly occurred_at: Date;
  readonly data: unknown;
}

const EVENTS_AFTER = `SELECT event.id, event.topic, event.partition, event.key, event.event_id, event.source, event.occurred_at, event.data
     FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS place (topic, partition, position)
     CROSS JOIN LATERAL (
       SELECT * FROM bus_events
       WHERE bus_events.topic = place.topic AND bus_events.partition = place.partition AND bus_events.id > place.position
       ORDER BY bus_events.id LIMIT $4
     ) AS event
     ORDER BY event.id`;

const COUNT_AFTER = `SELECT (
       SELECT count(*)::integer FROM (
         SELECT 1 FROM bus_events
         WHERE bus_events.topic = place.topic AND bus_events.partition = place.partition AND bus_events.id > place.position
         LIMIT $4
       ) AS later
     ) AS pending
     FROM unnest($1::text[], $2::integer[], $3::bigint[]) WITH ORDINALITY AS place (topic, partition, position, number)
     ORDER BY place.number`;

/** What loops run, so that a test can hold their plans over a long log. */
export const LOOPING_STATEMENTS = { EVENTS_AFTER, COUNT_AFTER };

/** The events after each place, at most `limitPerPlace` of each, in order. */
export async function fetchEventsAfter(
  client: Queryable,
  places: readonly Place[],
  limitPerPlace: number,
): Promise<readonly DeliveredEvent[]> {
  const { rows } = await client.query<BusRow>(EVENTS_AFTER, [...columnsOf(places), limitPerPlace]);
  return rows.map(toDeliveredEvent);
}

/** How many events come after each place, counted up to `countMax`. */
export async function countEventsAfter(
  client: Queryable,
  places: readonly Place[],
  countMax: number,
): Promise<readonly number[]> {
  const { rows } = await client.query<{ pending: number }>(COUNT_AFTER, [...columnsOf(places), countMax]);
  return rows.map((row) => row.pending);
}

/** The newest position of each partition; `0` for an empty one. */
export async function fetchHeads(
  client: Queryable,
  partitions: readonly { topic: string; partition: number }[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ head: string }>(
    `SELECT coalesce((
       SELECT max(id) FROM bus_events WHERE bus_events.topic = place.topic AND bus_events.partition = place.partition
     ), 0)::text AS head
     FROM unnest($1::text[], $2::integer[]) WITH ORDINALITY AS place (topic, partition, number)
     ORDER BY place.number`,
    [partitions.map((each) => each.topic), partitions.map((each) => each.partition)],
  );
  return rows.map((row) => row.head);
}

/** Deletes these events, each found by the one index there is. */
export async function deleteEvents(client: Queryable, events: readonly Place[]): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `DELETE FROM bus_events USING unnest($1::text[], $2::integer[], $3::bigint[]) AS place (topic, partition, id)
     WHERE bus_events.topic = place.topic AND bus_events.partition = place.partition AND bus_events.id = place.id`,
    columnsOf(events),
  );
}

function columnsOf(places: readonly Place[]): [string[], number[], string[]] {
  return [places.map((place) => place.topic), places.map((place) => place.partition), places.map((place) => place.position)];
}

function toDeliveredEvent(row: BusRow): DeliveredEvent {
  return {
    id: row.event_id,
    source: row.source,
    topic: row.topic,
    key: row.key,
    occurredAt: row.occurred_at,
    data: row.data,
    partition: row.partition,
    position: row.id,
  };
}
