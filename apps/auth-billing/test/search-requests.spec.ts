import type { Filters, RequestPlace } from '../src/requests/read-requests.store.js';
import { searchRequests } from '../src/requests/search-requests.js';
import { TestService } from './service.js';

const ROWS = 3_000;
const DAYS = 3;
const NEAR_ROWS = 50;
const FROM = new Date('2026-10-01T00:00:00Z');
const TO = new Date('2026-10-04T00:00:00Z');

let service: TestService;

beforeAll(async () => {
  service = await TestService.start();
  const { client } = service.database;
  for (let day = 1; day <= DAYS; day += 1)
    await client.$executeRawUnsafe(
      `CREATE TABLE request_log_2026100${day} PARTITION OF request_log FOR VALUES FROM ('2026-10-0${day}') TO ('2026-10-0${day + 1}')`,
    );
  // Rows of ten accounts; several have the same millisecond, and some filters match none.
  await client.$executeRaw`
    INSERT INTO request_log (started_at, request_id, account_id, key_id, model, endpoint, status, code, outcome, duration_ms, source_tag)
    SELECT ${FROM}::timestamptz + (n / 4) * interval '345.6 s', 'req_' || n, 'acc_' || n % 2, 'key_' || n % 6,
      CASE WHEN n % 400 = 0 THEN 'rare:1' ELSE 'my-llama:142' END, '/v1/chat/completions',
      CASE WHEN n % 97 = 0 THEN 502 ELSE 200 END, CASE WHEN n % 97 = 0 THEN 'upstream_error' END,
      CASE WHEN n % 97 = 0 THEN 'upstream_error' ELSE 'completed' END, 1, CASE WHEN n = 2 THEN 'first' END
    FROM generate_series(0, ${ROWS - 1}::integer) AS n`;
}, 120_000);
afterAll(() => service.close());

/** All pages, each of a search that begins no second stretch. */
async function pages(filters: Filters, isBackwards: boolean): Promise<{ readonly ids: string[]; readonly short: number }> {
  const ids: string[] = [];
  let short = 0;
  let place: RequestPlace | undefined = isBackwards ? { startedAt: FROM, requestId: '' } : undefined;
  for (let page = 0; page < 1_000; page += 1) {
    const query = { accountId: 'acc_0', range: { from: FROM, to: TO }, filters, limit: 7, isBackwards, place };
    const found = await searchRequests(service.database, query, { patienceMs: 0, nearRows: NEAR_ROWS });
    ids.push(...found.rows.map(({ request_id: id }) => id));
    const last = found.rows.at(-1);
    if (found.searchedTo !== undefined) {
      short += 1;
      place = { startedAt: found.searchedTo, requestId: '' };
    } else if (found.rows.length < 7 || last === undefined) return { ids, short };
    else place = { startedAt: last.started_at, requestId: last.request_id };
  }
  throw new Error('the pages do not end');
}

async function expected(filters: Filters, isBackwards: boolean): Promise<string[]> {
  const rows = await service.database.client.$queryRaw<{ request_id: string; model: string; status: number; key_id: string }[]>`
    SELECT request_id, key_id, model, endpoint, status, code, outcome, region, source_tag FROM request_log
    WHERE account_id = 'acc_0' ORDER BY started_at DESC, request_id DESC`;
  const wanted = Object.entries(filters);
  const ids = rows
    .filter((row) => wanted.every(([name, value]) => (row as Record<string, unknown>)[name] === value))
    .map(({ request_id: id }) => id);
  return isBackwards ? ids.reverse() : ids;
}

const cases: readonly Filters[] = [
  {},
  { model: 'rare:1' },
  { key_id: 'key_4' },
  { key_id: 'key_1' },
  { status: 502 },
  { outcome: 'upstream_error', key_id: 'key_2' },
  { code: 'upstream_error', status: 200 },
  { source_tag: 'first' },
  { region: 'mv' },
];

describe.each([false, true])('a search of the log (backwards: %s)', (isBackwards) => {
  it.each(cases)('finds all that match %j once, in their order, however short its pages are', async (filters) => {
    const { ids, short } = await pages(filters, isBackwards);
    expect(ids).toEqual(await expected(filters, isBackwards));
    // Nothing is found by looking at everything: a rare match lies beyond many stretches.
    if (Object.keys(filters).length > 0 && ids.length < 50) expect(short).toBeGreaterThan(3);
    else if (Object.keys(filters).length === 0) expect(short).toBe(0);
  });
});

it('answers a short page with the moment that it came to, as the cursor to go on from', async () => {
  const account = await service.account();
  const { key } = await service.key(account);
  const path = `/api/v1/requests?from=${FROM.toISOString()}&to=${TO.toISOString()}&after=at_${FROM.getTime()}`;
  const { status, body } = await service.withKey(key, 'GET', path);
  expect([status, body]).toEqual([
    200,
    { object: 'list', data: [], first_id: null, last_id: null, has_more: false, counted_refusals: 0, searched_to: null },
  ]);
});
