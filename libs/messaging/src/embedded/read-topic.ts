import type pg from 'pg';
import { formatCursor, parseCursor } from '../cursor.js';
import { declarationOf } from '../declared-partitions.js';
import type { ReadOptions, ReadPage } from '../event-bus.js';
import { fetchEventsAfter } from './bus-rows.js';

/** A page of a topic, partitions merged by number. Each keeps a place of its own: a lower number of another may commit later. */
export async function readTopic(pool: pg.Pool, options: ReadOptions): Promise<ReadPage> {
  const { partitions } = declarationOf(options.topic);
  const positions =
    options.after === undefined ? new Array<string>(partitions).fill('0') : [...parseCursor(options.after, partitions)];
  const places = positions.map((position, partition) => ({ topic: options.topic, partition, position }));
  const events = (await fetchEventsAfter(pool, places, options.limit)).slice(0, options.limit);
  for (const event of events) positions[event.partition] = event.position;
  return { events, cursor: formatCursor(positions) };
}
