import { newId } from '@ecolink/contracts';
import { QueryPlans } from '@ecolink/testing';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { monthsFrom } from '../src/charges/months/usage-months.service.js';
import { makeUsageMonths } from '../src/charges/months/usage-months.store.js';
import { readDueHolds } from '../src/charges/gpu-hours/holds.store.js';
import { verifyBalances, verifyTransactions } from '../src/ledger/verify-ledger.store.js';
import { lockWarning, saveWarning } from '../src/notifications/sources/balance-warnings.store.js';
import { findExpiringKeys } from '../src/notifications/sources/expiring-keys.store.js';
import { readFigures } from '../src/operations/metrics/figures.store.js';
import { listCalls } from '../src/reports/calls.store.js';
import { sumCostSince } from '../src/reports/usage-report.store.js';
import { createPartitions, dayOf } from '../src/requests/partitions.store.js';
import { findRequest } from '../src/requests/read-requests.store.js';
import { addCalls } from '../src/requests/request-log.store.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const ROWS = 100_000;
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

let service: TestService;
let plans: QueryPlans;
let busy: string;
let rare: string;

beforeAll(async () => {
  service = await TestService.start();
  plans = new QueryPlans(service.database.url);
  busy = await service.account('1000000000');
  rare = await service.account('1000000000');
  await service.setPrice('instance:142', { nano_usd_per_request: '1000' });
  await plans.keepStatisticsStill();
  await plans.run('ANALYZE');
  await fill();
}, 120_000);
afterAll(async () => {
  await plans.close();
  await service.close();
});

/** A long history of which one account has all but a thousandth. */
async function fill(): Promise<void> {
  const values = [busy, rare, ROWS];
  const account = `CASE WHEN n % 1000 = 0 THEN $2 ELSE $1 END`;
  // Half an hour ago and before, so that this month or the last has them all.
  const at = `now() - interval '30 minutes' - n * interval '1 millisecond'`;
  const id = (prefix: string): string =>
    `'${prefix}_' || lpad(to_hex((extract(epoch FROM ${at}) * 1000)::bigint), 12, '0') || lpad(to_hex(n), 20, '0')`;
  await makeUsageMonths(service.database.client, monthsFrom(new Date(Date.now() - DAY_MS), 1));
  // Half an hour ago may have been yesterday.
  const minutesAgo = (minutes: number): string => dayOf(new Date(Date.now() - minutes * MINUTE_MS));
  await createPartitions(service.database, new Set([minutesAgo(40), minutesAgo(20)]));
  await plans.run(
    `INSERT INTO usage_events SELECT ${id('evt')}, 'router/1', 'hash', n, ${account}, 'key_1', 142, NULL, 'm:142', '/v1/chat/completions', 'mv',
       ${at}, ${at}, 'completed', 200, '{"requests": 1}', false, true, 1, NULL, ${id('req')}, 1, 1000, now()
     FROM generate_series(1, $3::integer) AS n`,
    values,
  );
  await plans.run(
    `INSERT INTO ledger_transactions (id, account_id, type, amount_nano_usd, balance_after_nano_usd, description, cause_kind, source, event_id,
       line, instance_id, occurred_at, created_at, counter_account)
     SELECT ${id('txn')}, ${account}, 'api_usage', 0, 1000000000, 'API usage', 'usage_event', 'router/1', ${id('evt')}, 0, 142, ${at}, ${at}, 'revenue:api_usage'
     FROM generate_series(1, $3::integer) AS n`,
    values,
  );
  await plans.run(
    `INSERT INTO request_log (started_at, request_id, account_id, key_id, model, endpoint, status, outcome, duration_ms)
     SELECT ${at}, ${id('req')}, ${account}, 'key_1', 'm:142', '/v1/chat/completions', 200, 'completed', 1
     FROM generate_series(1, $3::integer) AS n`,
    values,
  );
  await plans.run(
    `INSERT INTO notifications (id, account_id, kind, severity, title, text, once_key, created_at)
     SELECT ${id('ntf')}, ${account}, 'test', 'info', 't', 't', 'key_' || n, ${at} FROM generate_series(1, $3::integer) AS n`,
    values,
  );
  await plans.run(
    `INSERT INTO instance_holds SELECT n, 1, ${account}, 'released', 'h100', 1, 1, 1, 0, 0, false, ${at}, ${at}, 0, 0, ${at}
     FROM generate_series(1, $3::integer) AS n`,
    values,
  );
}

/** What loops and calls run: billing, request log, verifier, warnings, sweeps, metrics; and the pages that an account opens. */
async function everything(): Promise<void> {
  const { database } = service;
  const { client } = database;
  const now = new Date();
  const postUsage = new PostUsage(database, () => now, service.deadLetters);
  const events = Array.from({ length: 50 }, () => usageEvent(rare));
  await postUsage.post(events);
  await postUsage.post(events);
  await addCalls(
    client,
    events.map(({ data }) => data),
  );
  await verifyTransactions(database, '500', 100);
  await verifyBalances(database, '', 100);
  await database.transaction(async (transaction) => {
    await saveWarning(transaction, rare, 60, now);
    await lockWarning(transaction, rare);
  });
  await readDueHolds(database, now, now, 100);
  await findExpiringKeys(client, now, 100);
  await readFigures(client);
  await sumCostSince(client, rare, new Date(now.getTime() - 60_000));
  await listCalls(client, rare, { limit: 20, after: newId('evt') });
  await findRequest(client, rare, newId('req'));
}

it.each([
  ['statistics of empty tables', () => Promise.resolve()],
  ['fresh statistics of one busy account', () => plans.run('ANALYZE')],
  ['no statistics', () => plans.forgetStatistics()],
])(
  'every statement is led to its place in a long history, with %s',
  async (_state, prepare) => {
    await prepare();
    const statements = await plans.statementsOf(everything);
    expect(statements.length).toBeGreaterThan(25);
    expect(await plans.wideReads(statements)).toEqual([]);
  },
  120_000,
);
