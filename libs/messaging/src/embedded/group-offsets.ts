import type { TopicPartition } from '../declared-partitions.js';
import type { Place } from './bus-rows.js';
import type { SerialClient } from './serial-client.js';

/**
 * Takes the partitions of a group that nobody else has, and says from where to read them. The lease is an advisory lock of
 * the session, so it ends with its holder however that ends; offsets are written through the same session, so whoever lost
 * the lease cannot move them.
 */
export async function acquirePartitions(
  client: SerialClient,
  group: string,
  wanted: readonly TopicPartition[],
): Promise<readonly Place[]> {
  if (wanted.length === 0) return [];
  const columns = [wanted.map((each) => each.topic), wanted.map((each) => each.partition)];
  const locks = await client.query<{ topic: string; partition: number; held: boolean }>(
    `SELECT topic, partition,
            pg_try_advisory_lock(hashtextextended('ecolink_lease:' || $3 || ':' || topic || ':' || partition, 0)) AS held
     FROM unnest($1::text[], $2::integer[]) AS place (topic, partition)`,
    [...columns, group],
  );
  const held = locks.rows.filter((row) => row.held);
  if (held.length === 0) return [];
  // A statement of its own: what the previous holder committed before it let go must be seen.
  const offsets = await client.query<{ topic: string; partition: number; position: string }>(
    `SELECT topic, partition, position::text AS position FROM bus_offsets WHERE group_name = $1 AND topic = ANY($2::text[])`,
    [group, held.map((row) => row.topic)],
  );
  return held.map(({ topic, partition }) => {
    const offset = offsets.rows.find((row) => row.topic === topic && row.partition === partition);
    return { topic, partition, position: offset?.position ?? '0' };
  });
}

export async function commitOffset(client: SerialClient, group: string, place: Place): Promise<void> {
  await client.query(
    `INSERT INTO bus_offsets (group_name, topic, partition, position) VALUES ($1, $2, $3, $4)
     ON CONFLICT (group_name, topic, partition)
     DO UPDATE SET position = greatest(bus_offsets.position, excluded.position), updated_at = now()`,
    [group, place.topic, place.partition, place.position],
  );
}
