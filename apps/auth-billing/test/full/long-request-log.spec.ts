import type { RequestList } from '@ecolink/contracts';
import { summariseLog } from '../../src/requests/partitions.store.js';
import { TestService } from '../service.js';

/** 10,000,000 rows in thirty days are the goal's; a run of all tests takes fewer. */
const ROWS_A_DAY = Number(process.env['ECOLINK_LOG_ROWS_A_DAY'] ?? 50_000);
const DAYS = 30;
const FIRST_DAY_MS = Date.parse('2026-10-01T00:00:00Z');
const DAY_MS = 86_400_000;
const FILL_TIMEOUT_MS = 1_800_000;
const ROUNDS = 5;

let service: TestService;
let account = '';
let key = '';

/** Rows of one busy account: most alike, some that are seldom, and some that are next to never. */
async function fillDay(day: number): Promise<void> {
  const { client } = service.database;
  const from = new Date(FIRST_DAY_MS + day * DAY_MS).toISOString();
  const to = new Date(FIRST_DAY_MS + (day + 1) * DAY_MS).toISOString();
  const name = `request_log_${from.slice(0, 10).replaceAll('-', '')}`;
  await client.$executeRawUnsafe(`CREATE TABLE ${name} PARTITION OF request_log FOR VALUES FROM ('${from}') TO ('${to}')`);
  await client.$executeRawUnsafe(
    `INSERT INTO request_log (started_at, request_id, account_id, key_id, model, endpoint, status, code, outcome, region, ttft_ms, duration_ms,
       units, cost_nano_usd, source_tag, instance_id)
     SELECT $1::timestamptz + n * ($2::double precision * interval '1 ms'), 'req_' || md5(n || '/' || $1::text), $3,
       CASE WHEN n % 100003 = 7 THEN 'key_rare' WHEN n % 10007 = 0 THEN 'key_seldom' ELSE 'key_' || n % 20 END,
       CASE WHEN n % 1009 = 1 THEN 'seldom:8' ELSE 'my-llama:' || n % 5 END, '/v1/chat/completions',
       CASE WHEN n % 5003 = 0 THEN 502 WHEN n % 997 = 0 THEN 429 ELSE 200 END,
       CASE WHEN n % 5003 = 0 THEN 'upstream_error' WHEN n % 997 = 0 THEN 'rate_limit_exceeded' END,
       CASE WHEN n % 5003 = 0 THEN 'upstream_error' WHEN n % 997 = 0 THEN 'refused' ELSE 'completed' END,
       CASE WHEN n % 2 = 0 THEN 'mv' ELSE 'ga' END, 12.5, 100, '{"requests":1,"input_tokens":1000,"output_tokens":100}', 70000,
       CASE WHEN n % 50021 = 3 THEN 'job-7' END, 142
     FROM generate_series(0, $4::integer - 1) AS n`,
    from,
    DAY_MS / ROWS_A_DAY,
    account,
    ROWS_A_DAY,
  );
}

beforeAll(async () => {
  service = await TestService.start(() => new Date(FIRST_DAY_MS + DAYS * DAY_MS));
  account = await service.account();
  ({ key } = await service.key(account));
  for (let day = 0; day < DAYS; day += 1) await fillDay(day);
  // As the service does each hour.
  await summariseLog(service.database.client);
}, FILL_TIMEOUT_MS);
afterAll(() => service?.close(), FILL_TIMEOUT_MS);

const filters = [
  '',
  'key_id=key_3',
  'key_id=key_seldom',
  'key_id=key_rare',
  'model=seldom:8',
  'status=429',
  'status=502',
  'code=no_such_code',
  'outcome=upstream_error',
  'region=nowhere',
  'source_tag=job-7',
  'key_id=key_4&status=502',
  'key_id=key_rare&status=429',
  // None has both, and no stretch is without either: the search gives up for now, and says so.
  'key_id=key_3&region=mv',
];

it(
  `answers a page of 100 of ${ROWS_A_DAY * DAYS} rows, whatever it is filtered by; how long it takes is printed`,
  async () => {
    const lines: string[] = [];
    for (const filter of filters) {
      const times: number[] = [];
      let page: RequestList | undefined;
      for (let round = 0; round < ROUNDS; round += 1) {
        const begunAtMs = performance.now();
        const { status, body } = await service.withKey<RequestList>(key, 'GET', `/api/v1/requests?limit=100&${filter}`);
        times.push(performance.now() - begunAtMs);
        expect(status).toBe(200);
        page = body;
      }
      const wanted = Object.fromEntries(new URLSearchParams(filter));
      for (const row of page?.data ?? [])
        for (const [name, value] of Object.entries(wanted)) expect(String((row as Record<string, unknown>)[name])).toBe(value);
      const median = [...times].sort((left, right) => left - right)[Math.floor(ROUNDS / 2)] ?? 0;
      const found = `${page?.data.length ?? 0} rows${(page?.searched_to ?? null) === null ? '' : `, searched to ${page?.searched_to ?? ''}`}`;
      lines.push(
        `${filter === '' ? 'no filter' : filter}: ${Math.round(median)} ms (first ${Math.round(times[0] ?? 0)}), ${found}`,
      );
    }
    process.stderr.write(`${lines.join('\n')}\n`);
  },
  FILL_TIMEOUT_MS,
);
