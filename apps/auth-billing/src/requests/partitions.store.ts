import type { Database, PrismaClient } from '@ecolink/database';

const DAY_MS = 24 * 60 * 60 * 1_000;
const NAME = /^request_log_([0-9]{4})([0-9]{2})([0-9]{2})$/;
const LOCK = 'ecolink_request_log_partitions';

/** `YYYY-MM-DD` of a moment, in UTC. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** Makes the partitions of these days; those that are there stay as they are. One process at a time. */
export async function createPartitions(database: Database, days: ReadonlySet<string>): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${LOCK}, 0))`;
    for (const day of days) {
      const next = dayOf(new Date(Date.parse(day) + DAY_MS));
      const name = `request_log_${day.replaceAll('-', '')}`;
      // Names and bounds are made of digits only: a statement of this kind takes no parameters.
      await transaction.$executeRawUnsafe(
        `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF request_log FOR VALUES FROM ('${day}T00:00:00Z') TO ('${next}T00:00:00Z')`,
      );
    }
  });
}

/** The days that have a partition. */
export async function listPartitions(client: PrismaClient): Promise<readonly string[]> {
  const rows = await client.$queryRaw<{ name: string }[]>`
    SELECT child.relname AS name FROM pg_inherits
    JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
    JOIN pg_class AS parent ON parent.oid = pg_inherits.inhparent
    WHERE parent.relname = 'request_log'`;
  return rows.flatMap(({ name }) => {
    const [, year, month, day] = NAME.exec(name) ?? [];
    return day === undefined ? [] : [`${year}-${month}-${day}`];
  });
}

/** Drops whole days, and the counts of refusals from before `before`. */
export async function dropPartitions(client: PrismaClient, days: readonly string[], before: Date): Promise<void> {
  for (const day of days) await client.$executeRawUnsafe(`DROP TABLE IF EXISTS request_log_${day.replaceAll('-', '')}`);
  await client.$executeRaw`DELETE FROM refusal_counts WHERE started_at < ${before}::timestamptz`;
}

/** Summarises what was added lately, which a search would otherwise look at row by row. Nothing waits for it. */
export async function summariseLog(client: PrismaClient): Promise<void> {
  await client.$queryRaw`
    SELECT sum(brin_summarize_new_values(inhrelid)) FROM pg_inherits WHERE inhparent = 'request_log_by_facets'::regclass`;
}
