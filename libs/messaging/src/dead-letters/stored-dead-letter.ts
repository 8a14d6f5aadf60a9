import type { DeliveredEvent } from '@ecolink/contracts';

/** The source that undecodable records are given, since nothing in them can be trusted to name one. */
export const UNDECODABLE_SOURCE = 'ecolink/undecodable';

export interface StoredDeadLetter {
  readonly id: string;
  readonly group: string;
  readonly event: DeliveredEvent;
  readonly reason: string;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly replayedAt: Date | null;
  /** False for bytes that were no event at all; they are kept to be looked at, and cannot be replayed. */
  readonly decodable: boolean;
}

export interface DeadLetterRow {
  readonly id: string;
  readonly group_name: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: string;
  readonly key: string;
  readonly event_id: string;
  readonly source: string;
  readonly occurred_at: Date;
  readonly data: string;
  readonly reason: string;
  readonly attempts: number;
  readonly created_at: Date;
  readonly replayed_at: Date | null;
}

export const DEAD_LETTER_COLUMNS =
  'id, group_name, topic, partition, position, key, event_id, source, occurred_at, data, reason, attempts, created_at, replayed_at';

export function toStoredDeadLetter(row: DeadLetterRow): StoredDeadLetter {
  return {
    id: row.id,
    group: row.group_name,
    event: {
      id: row.event_id,
      source: row.source,
      topic: row.topic,
      key: row.key,
      occurredAt: row.occurred_at,
      data: JSON.parse(row.data) as unknown,
      partition: row.partition,
      position: row.position,
    },
    reason: row.reason,
    attempts: row.attempts,
    createdAt: row.created_at,
    replayedAt: row.replayed_at,
    decodable: row.source !== UNDECODABLE_SOURCE,
  };
}
