import type { BillingSummary, UsageReport } from '@ecolink/contracts';
import { lockBalances } from '../../src/ledger/ledger.store.js';
import { TestService } from '../service.js';

const TEST_TIMEOUT_MS = 600_000;
const CALLS_A_ROW = 14n;
const MODELS = ['meta/a', 'meta/b', 'mistral/c'];
const REGIONS = ['mv', 'ga'];
const KEYS = 20;
const QUARTERS = 31 * 96;
const ROWS = BigInt(QUARTERS * KEYS * MODELS.length * REGIONS.length);
const ROUNDS = 20;

let service: TestService;

beforeAll(async () => {
  service = await TestService.start(() => new Date('2026-10-31T23:59:59.000Z'));
}, TEST_TIMEOUT_MS);
afterAll(() => service?.close(), TEST_TIMEOUT_MS);

/** A month in which every key calls every model in every region in each quarter of an hour: 5 million calls. */
async function fill(account: string): Promise<void> {
  await service.database.client.$executeRaw`
    INSERT INTO usage_quarters (account_id, quarter, key_id, model, source_tag, region, calls, input_tokens, cached_input_tokens,
      output_tokens, images, audio_milliseconds, video_milliseconds, cost_nano_usd)
    SELECT ${account}, quarter, 'key_' || key, model, NULL, region, ${CALLS_A_ROW}::bigint, 7000, 0, 1400, 0, 0, 0, 70000
    FROM generate_series('2026-10-01T00:00:00Z'::timestamptz, '2026-10-31T23:45:00Z', '15 minutes') AS quarter,
      generate_series(1, ${KEYS}::integer) AS key, unnest(${MODELS}::text[]) AS model, unnest(${REGIONS}::text[]) AS region`;
  await service.database.client.$executeRawUnsafe('ANALYZE usage_quarters');
}

/** How long somebody who wants the account's balance waits at the most, while its days are filled. */
async function waitWhileFilling(account: string): Promise<number> {
  const { client } = service.database;
  let longest = 0;
  while ((await client.usageDayFill.count({ where: { accountId: account } })) > 0) {
    const startedAt = performance.now();
    await service.database.transaction((transaction) => lockBalances(transaction, [account]));
    longest = Math.max(longest, performance.now() - startedAt);
  }
  return Math.round(longest);
}

const p95 = (times: readonly number[]): number =>
  [...times].sort((left, right) => left - right)[Math.ceil(times.length * 0.95) - 1] ?? 0;

describe('a month of five million calls', () => {
  it.each(['UTC', 'Asia/Kathmandu'])(
    'is reported whole, in whatever groups, by days of %s; how long it takes is printed',
    async (zone) => {
      const account = await service.account();
      const { key } = await service.key(account);
      await fill(account);
      // A zone that is given fills its days; UTC is left and given again.
      const givenAt = performance.now();
      for (const each of [zone === 'UTC' ? 'Asia/Kathmandu' : 'UTC', zone])
        expect((await service.withKey(key, 'PATCH', '/api/v1/account', { time_zone: each })).status).toBe(200);
      const lines = [`zone ${zone}: given twice in ${Math.round(performance.now() - givenAt)} ms`];
      const longest = await waitWhileFilling(account);
      lines.push(
        `days filled ${Math.round(performance.now() - givenAt)} ms after that; the account is locked at most ${longest} ms at a time`,
      );
      for (const groups of ['day', 'day,model', 'model,key,region', 'day,model,key,source_tag,region']) {
        const times: number[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const startedAt = performance.now();
          const range = 'from=2026-10-01&to=2026-11-01';
          const { status, body } = await service.withKey<UsageReport>(
            key,
            'GET',
            `/api/v1/billing/usage?${range}&group_by=${groups}`,
          );
          times.push(performance.now() - startedAt);
          expect([status, body.totals.calls, body.totals.cost_nano_usd]).toEqual([
            200,
            Number(ROWS * CALLS_A_ROW),
            String(ROWS * 70_000n),
          ]);
          if (!body.truncated) expect(body.data.reduce((sum, row) => sum + BigInt(row.cost_nano_usd), 0n)).toBe(ROWS * 70_000n);
        }
        lines.push(`report by ${groups}: p95 ${Math.round(p95(times))} ms`);
      }
      const startedAt = performance.now();
      const summary = await service.withKey<BillingSummary>(key, 'GET', '/api/v1/billing');
      lines.push(`summary of the month: ${Math.round(performance.now() - startedAt)} ms`);
      if (zone === 'UTC') expect(summary.body.month_calls).toBe(Number(ROWS * CALLS_A_ROW));
      const csv = await service.withKey(
        key,
        'GET',
        '/api/v1/billing/usage?from=2026-10-01&to=2026-11-01&group_by=day,key&format=csv',
      );
      expect(csv.text.trim().split('\n').length).toBe(1 + KEYS * (zone === 'UTC' ? 31 : 32));
      process.stderr.write(`${lines.join('\n')}\n`);
    },
    TEST_TIMEOUT_MS,
  );
});
