import type { TopicDeclaration } from '@ecolink/contracts';
import type pg from 'pg';

const ROWS_MAX = 1_000;
/** Readers of a state topic that are this far behind take the newest record of each key instead of every one. */
const SUPERSEDED_AFTER_MS = 10 * 60 * 1_000;
/** A group that has committed nothing for so long, and for twice the retention, is gone: it keeps nothing any more. */
const ABANDONED_AFTER_MS = 90 * 24 * 60 * 60 * 1_000;
const POSITION_MAX = 9_223_372_036_854_775_807n;
const PRUNE_LOCK = 'ecolink_bus_prune';

export interface PruneOptions {
  readonly now: Date;
  readonly topics: readonly TopicDeclaration[];
  /** Statements per run, at the most; what is left over waits for the next run. */
  readonly statementsMax: number;
}

/**
 * Deletes what no reader may expect any more: records of event topics past their retention that every group has read, and records of state topics
 * that a newer one of the same key has replaced. One process at a time, in small statements. Returns the rows deleted.
 */
export async function pruneEvents(pool: pg.Pool, options: PruneOptions): Promise<number> {
  const client = await pool.connect();
  try {
    const lock = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held', [
      PRUNE_LOCK,
    ]);
    if (lock.rows[0]?.held !== true) return 0;
    try {
      return await pruneAll(client, options);
    } finally {
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [PRUNE_LOCK]);
    }
  } finally {
    client.release();
  }
}

async function pruneAll(client: pg.PoolClient, options: PruneOptions): Promise<number> {
  let statements = options.statementsMax;
  let deleted = 0;
  for (const topic of options.topics) {
    for (let partition = 0; partition < topic.partitions && statements > 0;) {
      const count = await pruneStep(client, topic, partition, options.now);
      statements -= 1;
      deleted += count;
      if (count < ROWS_MAX) partition += 1;
    }
  }
  return deleted;
}

function pruneStep(client: pg.PoolClient, topic: TopicDeclaration, partition: number, now: Date): Promise<number> {
  switch (topic.kind) {
    case 'event':
      return deleteExpired(client, topic, partition, now);
    case 'state':
      return deleteSuperseded(client, topic.name, partition, new Date(now.getTime() - SUPERSEDED_AFTER_MS));
  }
}

/**
 * Looks at the oldest rows only, so that it costs nothing when there is nothing to do. A group that has committed a place in the topic keeps
 * what it has not read: events that nobody has billed yet outlive their retention.
 */
async function deleteExpired(client: pg.PoolClient, topic: TopicDeclaration, partition: number, now: Date): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM bus_events WHERE topic = $1 AND partition = $2 AND id = ANY(ARRAY(
       SELECT id FROM (
         SELECT id, appended_at FROM bus_events WHERE topic = $1 AND partition = $2 ORDER BY id LIMIT ${ROWS_MAX}
       ) AS oldest WHERE appended_at < $3 AND id <= coalesce((
         SELECT min(coalesce(own.position, 0))
         FROM (SELECT DISTINCT group_name FROM bus_offsets WHERE topic = $1) AS reader
         LEFT JOIN bus_offsets AS own ON own.group_name = reader.group_name AND own.topic = $1 AND own.partition = $2
         WHERE EXISTS (SELECT 1 FROM bus_offsets AS place WHERE place.group_name = reader.group_name AND place.updated_at >= $4)
       ), ${POSITION_MAX})
     ))`,
    [
      topic.name,
      partition,
      new Date(now.getTime() - topic.retentionMs),
      new Date(now.getTime() - Math.max(ABANDONED_AFTER_MS, 2 * topic.retentionMs)),
    ],
  );
  return rowCount ?? 0;
}

async function deleteSuperseded(client: pg.PoolClient, topic: string, partition: number, before: Date): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM bus_events WHERE topic = $1 AND partition = $2 AND id = ANY(ARRAY(
       SELECT old.id
       FROM bus_events AS old
       JOIN (
         SELECT key, max(id) AS id FROM bus_events WHERE topic = $1 AND partition = $2 GROUP BY key HAVING count(*) > 1
       ) AS newest ON newest.key = old.key AND old.id < newest.id
       WHERE old.topic = $1 AND old.partition = $2 AND old.appended_at < $3
       LIMIT ${ROWS_MAX}
     ))`,
    [topic, partition, before],
  );
  return rowCount ?? 0;
}
