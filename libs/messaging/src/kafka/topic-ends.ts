import { partitionsOf } from '../declared-partitions.js';
import type { SharedAdmin } from './shared-admin.js';

export interface PartitionEnds {
  readonly topic: string;
  readonly partition: number;
  /** The oldest offset that is kept. */
  readonly low: bigint;
  /** The offset that the next record will get. */
  readonly high: bigint;
}

export async function fetchTopicEnds(admin: SharedAdmin, topics: readonly string[]): Promise<readonly PartitionEnds[]> {
  const ends: PartitionEnds[] = [];
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.run((connection) => connection.fetchTopicOffsets(topic))) {
      ends.push({ topic, partition, low: BigInt(low), high: BigInt(high) });
    }
  }
  const missing = partitionsOf(topics).filter(
    (place) => !ends.some((end) => end.topic === place.topic && end.partition === place.partition),
  );
  if (missing.length > 0)
    throw new Error(`Kafka lacks declared partitions of ${[...new Set(missing.map((place) => place.topic))].join(', ')}`);
  return ends;
}
