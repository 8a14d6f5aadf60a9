// Writes a history into a stopped product's database: copies of the rows that the pipeline wrote for one real call, with ids, times, places
// and balances of their own.
import { startEmbeddedPostgres } from '@ecolink/database';
import pg from 'pg';

const DAYS = 28;
const MS_PER_DAY = 86_400_000;
/** Tables that a call leaves rows or sums in. `isKept`: for as long as the operator keeps them, and not only until a retention is over. */
export const TABLES = [
  { name: 'usage_events', isKept: true },
  { name: 'ledger_transactions', isKept: true },
  { name: 'ledger_entries', isKept: true },
  { name: 'usage_quarters', isKept: true },
  { name: 'key_spend', isKept: true },
  { name: 'request_log', isKept: false },
  { name: 'bus_events', isKept: false },
];

/** @returns bytes that each table grew by, indexes included. */
export async function fillHistory(postgresDirectory, { calls, model }) {
  const server = await startEmbeddedPostgres({
    directory: postgresDirectory,
    settings: { max_wal_size: '4GB', checkpoint_timeout: '30min' },
  });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    await client.query('VACUUM FULL usage_events, ledger_transactions, ledger_entries, usage_quarters, key_spend, bus_events');
    const before = await bytesOf(client);
    const template = await readTemplate(client, model);
    await makePartitions(client);
    await client.query(
      `CREATE UNLOGGED TABLE bench_call AS
       SELECT n, now() - interval '${DAYS} days' + n * (interval '${DAYS} days' / $1::integer) - interval '1 hour' AS at FROM generate_series(1, $1::integer) AS n`,
      [calls],
    );
    await client.query(`ALTER TABLE bench_call ADD COLUMN evt text, ADD COLUMN req text, ADD COLUMN txn text`);
    await client.query(`UPDATE bench_call SET evt = ${idOf('evt')}, req = ${idOf('req')}, txn = ${idOf('txn')}`);
    await client.query('VACUUM ANALYZE bench_call');
    for (const statement of statementsFor(template)) await client.query(statement.text, statement.values ?? []);
    await client.query('DROP TABLE bench_call');
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
    const after = await bytesOf(client);
    return Object.fromEntries(TABLES.map(({ name }) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
  } finally {
    await client.end();
    await server.stop();
  }
}

function idOf(prefix) {
  return `'${prefix}_' || lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || substr(md5('${prefix}' || n), 1, 20)`;
}

/** The newest call of the model, with its rows in every table. */
async function readTemplate(client, model) {
  const one = async (text, values) => (await client.query(text, values)).rows[0];
  const usage = await one('SELECT * FROM usage_events WHERE model = $1 ORDER BY event_id DESC LIMIT 1', [model]);
  if (usage === undefined) throw new Error(`no call of ${model} was recorded`);
  const posted = await one('SELECT * FROM ledger_transactions WHERE event_id = $1', [usage.event_id]);
  const newest = await one('SELECT * FROM ledger_transactions WHERE account_id = $1 ORDER BY sequence DESC LIMIT 1', [
    usage.account_id,
  ]);
  const event = (topic, id) => one(`SELECT id FROM bus_events WHERE topic = $1 AND event_id = $2`, [topic, id]);
  return {
    usage,
    posted,
    balance: newest.balance_after_nano_usd,
    recordedId: (await event('ecolink.usage.recorded.v1', usage.event_id)).id,
    postedId: (await event('ecolink.ledger.posted.v1', posted.id)).id,
  };
}

async function makePartitions(client) {
  const now = Date.now();
  for (let day = -1; day <= DAYS + 1; day += 1) {
    const date = (ms) => new Date(ms).toISOString().slice(0, 10);
    const [from, to] = [date(now - day * MS_PER_DAY), date(now - (day - 1) * MS_PER_DAY)];
    await client.query(
      `CREATE TABLE IF NOT EXISTS request_log_${from.replaceAll('-', '')} PARTITION OF request_log FOR VALUES FROM ('${from}T00:00:00Z') TO ('${to}T00:00:00Z')`,
    );
    await client.query('SELECT ecolink_make_usage_month($1::date)', [`${from.slice(0, 7)}-01`]);
  }
}

function statementsFor({ usage, posted, balance, recordedId, postedId }) {
  const cost = BigInt(usage.cost_nano_usd);
  const iso = `to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const units = ['input_tokens', 'cached_input_tokens', 'output_tokens', 'images', 'audio_milliseconds', 'video_milliseconds'];
  return [
    {
      text: `INSERT INTO usage_events SELECT call.evt, source, md5(call.evt) || md5(call.req), journal_position, account_id, key_id, instance_id,
          platform_model_id, model, endpoint, region, call.at, call.at + (ended_at - started_at), outcome, status, units, estimated, billable, ttft_ms,
          source_tag, call.req, price_version, cost_nano_usd, call.at
        FROM bench_call AS call, usage_events AS one WHERE one.event_id = $1 ORDER BY call.n`,
      values: [usage.event_id],
    },
    {
      text: `INSERT INTO ledger_transactions (id, account_id, type, amount_nano_usd, balance_after_nano_usd, description, cause_kind, source, event_id,
          line, instance_id, occurred_at, created_at, counter_account)
        SELECT call.txn, account_id, type, amount_nano_usd, $2::bigint - call.n * $3::bigint, description, cause_kind, source, call.evt, line, instance_id,
          call.at, call.at, counter_account
        FROM bench_call AS call, ledger_transactions AS one WHERE one.id = $1 ORDER BY call.n`,
      values: [posted.id, balance, cost],
    },
    {
      text: `UPDATE balances SET balance_nano_usd = balance_nano_usd - (SELECT count(*) FROM bench_call) * $2::bigint WHERE account_id = $1`,
      values: [usage.account_id, cost],
    },
    {
      text: `INSERT INTO usage_quarters (account_id, quarter, key_id, model, source_tag, region, calls, cost_nano_usd, ${units.join(', ')})
        SELECT account_id, date_bin('15 minutes', started_at, 'epoch'), key_id, model, source_tag, region, count(*), sum(cost_nano_usd),
          ${units.map((unit) => `coalesce(sum((units->>'${unit}')::bigint), 0)`).join(', ')}
        FROM usage_events JOIN bench_call ON evt = event_id GROUP BY 1, 2, 3, 4, 5, 6
        ON CONFLICT (account_id, quarter, key_id, model, source_tag, region) DO NOTHING`,
    },
    {
      text: `INSERT INTO key_spend (account_id, key_id, span, starts_at, cost_nano_usd)
        SELECT account_id, key_id, span, date_bin(width::interval, started_at, 'epoch'), sum(cost_nano_usd)
        FROM usage_events JOIN bench_call ON evt = event_id CROSS JOIN (VALUES ('quarter', '15 minutes'), ('day', '1 day')) AS spans (span, width)
        GROUP BY 1, 2, 3, 4 ON CONFLICT (account_id, span, starts_at, key_id) DO NOTHING`,
    },
    {
      text: `INSERT INTO request_log (started_at, request_id, account_id, key_id, model, endpoint, status, outcome, region, ttft_ms, duration_ms, units,
          estimated, cost_nano_usd, source_tag, instance_id, platform_model_id)
        SELECT started_at, request_id, account_id, key_id, model, endpoint, status, outcome, region, ttft_ms,
          extract(epoch FROM ended_at - started_at) * 1000, units, estimated, cost_nano_usd, source_tag, instance_id, platform_model_id
        FROM usage_events JOIN bench_call ON evt = event_id ORDER BY n`,
    },
    busEvents(
      recordedId,
      'call.evt',
      `jsonb_build_object('event_id', call.evt, 'request_id', call.req, 'started_at', ${iso}, 'ended_at', ${iso})`,
    ),
    busEvents(
      postedId,
      'call.txn',
      `jsonb_build_object('transaction_id', call.txn, 'occurred_at', ${iso}, 'cause', jsonb_build_object('kind', 'usage_event', 'id', call.evt))`,
    ),
    // Every group has read everything.
    {
      text: `UPDATE bus_offsets SET position = newest.id, updated_at = now()
        FROM (SELECT topic, partition, max(id) AS id FROM bus_events GROUP BY topic, partition) AS newest
        WHERE newest.topic = bus_offsets.topic AND newest.partition = bus_offsets.partition`,
    },
  ];
}

function busEvents(templateId, eventId, changes) {
  return {
    text: `INSERT INTO bus_events (topic, partition, key, event_id, source, occurred_at, data, appended_at)
      SELECT topic, partition, key, ${eventId}, source, call.at, data || ${changes}, call.at
      FROM bench_call AS call, bus_events AS one WHERE one.id = $1 ORDER BY call.n`,
    values: [templateId],
  };
}

/** Bytes by table, its partitions and indexes included. */
async function bytesOf(client) {
  const { rows } = await client.query(
    `SELECT coalesce(parent.relname, class.relname)::text AS name, sum(pg_total_relation_size(class.oid))::bigint AS bytes
     FROM pg_class AS class LEFT JOIN pg_inherits AS inherits ON inherits.inhrelid = class.oid
     LEFT JOIN pg_class AS parent ON parent.oid = inherits.inhparent
     WHERE class.relkind = 'r' AND class.relnamespace = 'public'::regnamespace GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}
