import { createTestDatabase, type TestDatabase } from '@ecolink/testing';
import pg from 'pg';
import { LOOPING_STATEMENTS } from '../src/embedded/bus-rows.js';

const EVENTS = 100_000;
const TOPIC_NAME = 'ecolink.usage.recorded.v1';
const PARTITIONS = 6;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  // Statistics are the test's: the server must not gather its own in between.
  await pool.query('ALTER TABLE bus_events SET (autovacuum_enabled = false)');
}, 180_000);
beforeEach(async () => {
  await pool.query('TRUNCATE bus_events');
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

/** A long log; with `share` of it in the first partition. */
async function fill(share: number): Promise<void> {
  await pool.query(
    `INSERT INTO bus_events (topic, partition, key, event_id, source, occurred_at, data)
     SELECT $1, CASE WHEN random() < $2 THEN 0 ELSE 1 + (n % ($3 - 1)) END, 'acc', 'evt_' || n, 'test', now(), '{}'
     FROM generate_series(1, $4::integer) AS n`,
    [TOPIC_NAME, share, PARTITIONS, EVENTS],
  );
}

/** How the statement reaches the log when no partition has anything new. */
async function scansOf(statement: string): Promise<readonly PlanNode[]> {
  const { rows: heads } = await pool.query<{ head: string }>('SELECT max(id)::text AS head FROM bus_events');
  const head = heads[0]?.head ?? '0';
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const { rows } = await pool.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(`EXPLAIN (FORMAT JSON) ${statement}`, [
    partitions.map(() => TOPIC_NAME),
    partitions,
    partitions.map(() => head),
    500,
  ]);
  const walk = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(walk)];
  const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
  return plan === undefined ? [] : walk(plan.Plan).filter((node) => node['Relation Name'] === 'bus_events');
}

describe.each(Object.entries(LOOPING_STATEMENTS))('%s over a long log', (_name, statement) => {
  it.each([
    ['no statistics', async () => fill(1 / PARTITIONS)],
    [
      'statistics of an empty log',
      async () => {
        await pool.query('ANALYZE bus_events');
        await fill(1 / PARTITIONS);
      },
    ],
    [
      'statistics of a log with one busy partition',
      async () => {
        await fill(0.999);
        await pool.query('ANALYZE bus_events');
      },
    ],
    [
      'fresh statistics',
      async () => {
        await fill(1 / PARTITIONS);
        await pool.query('ANALYZE bus_events');
      },
    ],
  ])('goes straight to its place with %s', async (_state, prepare) => {
    await prepare();
    const scans = await scansOf(statement);
    expect(scans.length).toBeGreaterThan(0);
    for (const scan of scans) {
      expect(scan['Index Name']).toBe('bus_events_in_order');
      expect(scan['Index Cond']).toMatch(/topic.*partition.*id >/);
    }
  });
});
