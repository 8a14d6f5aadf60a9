import type { PrismaClient } from '@ecolink/database';

export interface Figures {
  readonly negativeBalances: number;
  readonly holds: ReadonlyMap<string, number>;
  /** Up to `DEAD_LETTERS_COUNTED`. */
  readonly deadLetters: number;
  readonly pendingTopUps: number;
}

/** More are not counted: the figure says that somebody must look, not how many. */
const DEAD_LETTERS_COUNTED = 1_000;

/** Each figure by an index of what it counts: none grows with history. Balances are one row an account. */
export async function readFigures(client: PrismaClient): Promise<Figures> {
  const [row] = await client.$queryRaw<Record<'negative' | 'held' | 'pending' | 'letters' | 'top_ups', number>[]>`
    SELECT (SELECT count(*)::integer FROM balances WHERE balance_nano_usd < 0) AS negative,
      (SELECT count(*)::integer FROM instance_holds WHERE status = 'held') AS held,
      (SELECT count(*)::integer FROM instance_holds WHERE status = 'pending') AS pending,
      (SELECT count(*)::integer FROM (
        SELECT 1 FROM dead_letters WHERE replayed_at IS NULL ORDER BY id LIMIT ${DEAD_LETTERS_COUNTED}::integer) AS waiting) AS letters,
      (SELECT count(*)::integer FROM top_ups WHERE status = 'pending') AS top_ups`;
  if (row === undefined) throw new Error('a row of counts is a row');
  return {
    negativeBalances: row.negative,
    holds: new Map([
      ['held', row.held],
      ['pending', row.pending],
    ]),
    deadLetters: row.letters,
    pendingTopUps: row.top_ups,
  };
}

/** Bytes of each table with its indexes, partitions with their parent; the largest 20. */
export async function readTableBytes(client: PrismaClient): Promise<ReadonlyMap<string, number>> {
  const rows = await client.$queryRaw<{ name: string; bytes: bigint }[]>`
    SELECT coalesce(parent.relname, class.relname)::text AS name, sum(pg_total_relation_size(class.oid))::bigint AS bytes
    FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
    LEFT JOIN pg_inherits AS inherits ON inherits.inhrelid = class.oid
    LEFT JOIN pg_class AS parent ON parent.oid = inherits.inhparent
    WHERE class.relkind = 'r' AND space.nspname = 'public' GROUP BY 1 ORDER BY 2 DESC LIMIT 20`;
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}
