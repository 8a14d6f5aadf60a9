import type { BillingSummary, Reconciliation, UsageReport } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { UsageDays } from '../src/charges/days/usage-days.service.js';
import { beginDays, fillNextDay } from '../src/charges/days/usage-days.store.js';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { lockBalances } from '../src/ledger/ledger.store.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const NOW = new Date('2026-11-20T12:00:00.000Z');
const COST = 100;

let service: TestService;

beforeAll(async () => {
  service = await TestService.start(() => NOW);
  await service.setPrice('instance:142', { nano_usd_per_request: String(COST) });
}, 120_000);
afterAll(() => service.close(), 120_000);

interface Customer {
  readonly id: string;
  readonly key: string;
}

/** Calls at the edges of days of many zones, over a month in which clocks change. */
const TIMES = [
  ...['2026-10-25T00:50:00Z', '2026-10-25T01:10:00Z', '2026-10-31T23:59:00Z', '2026-11-01T03:59:00Z', '2026-11-01T04:30:00Z'],
  ...['2026-11-01T05:30:00Z', '2026-11-03T18:14:00Z', '2026-11-03T18:15:00Z', '2026-11-19T23:59:00Z', '2026-11-20T11:00:00Z'],
];

const callAt = (id: string, at: string) => {
  const time = new Date(at).toISOString();
  return usageEvent(id, { started_at: time, ended_at: time });
};
const post = (id: string, times: readonly string[]) => service.service.app.get(PostUsage).post(times.map((at) => callAt(id, at)));

async function customer(): Promise<Customer> {
  const id = await service.account('1000000');
  await post(id, TIMES);
  return { id, key: (await service.key(id)).key };
}

const get = async <Body>({ key }: Customer, path: string): Promise<Body> => (await service.withKey<Body>(key, 'GET', path)).body;

/** Every figure that days cut, each of which has to be the same sum. */
async function figures(account: Customer, calls: number): Promise<readonly (readonly [string, string, number])[]> {
  const report = await get<UsageReport>(account, '/api/v1/billing/usage?from=2026-10-01&to=2026-11-21');
  expect(report.totals).toMatchObject({ calls, cost_nano_usd: String(calls * COST) });
  expect(report.data.reduce((sum, row) => sum + Number(row.cost_nano_usd), 0)).toBe(calls * COST);
  const part = await get<UsageReport>(
    account,
    '/api/v1/billing/usage?from=2026-11-01T04:15:00Z&to=2026-11-20T11:15:00Z&group_by=key',
  );
  const month = await get<BillingSummary>(account, '/api/v1/billing');
  expect(await service.balance(account.id)).toBe(String(1_000_000 - calls * COST));
  const reconciled = await service.admin<Reconciliation>('POST', `/reconcile?account_id=${account.id}`);
  expect(reconciled.body.differences).toEqual([]);
  return [
    ...report.data.map((row) => [row.day ?? '', row.cost_nano_usd, row.calls] as const),
    ['part', part.totals.cost_nano_usd, part.totals.calls],
    ['month', month.month_cost_nano_usd, month.month_calls],
  ];
}

const isFilled = async ({ id }: Customer) =>
  (await service.database.client.usageDayFill.count({ where: { accountId: id } })) === 0;

describe('another time zone', () => {
  it('is in force when the call is answered; its days are filled soon after, there and back again', async () => {
    const account = await customer();
    const first = await figures(account, TIMES.length);
    for (const zone of ['Asia/Kathmandu', 'Europe/Berlin', 'Asia/Kathmandu', 'UTC']) {
      const answer = await service.withKey<{ time_zone: string }>(account.key, 'PATCH', '/api/v1/account', { time_zone: zone });
      expect([answer.status, answer.body.time_zone]).toEqual([200, zone]);
      const atOnce = await figures(account, TIMES.length);
      await waitFor(() => isFilled(account), { timeoutMs: 60_000, what: `the days of ${zone}` });
      expect(await figures(account, TIMES.length)).toEqual(atOnce);
    }
    expect(await figures(account, TIMES.length)).toEqual(first);
  }, 300_000);

  describe('filled by the test alone', () => {
    // The service's own filler would take some of the steps.
    beforeAll(() => service.service.app.get(UsageDays).onModuleDestroy());

    it.each(['Asia/Kathmandu', 'America/Havana', 'Pacific/Kiritimati', 'America/New_York'])(
      'of %s shows the same figures at every step of filling its days, with calls that are posted in between',
      async (zone) => {
        const account = await customer();
        const { id } = account;
        const step = (run: Parameters<typeof service.database.transaction<boolean>>[0]) =>
          service.database.transaction(async (transaction) => {
            await lockBalances(transaction, [id]);
            return run(transaction);
          });
        await step(async (transaction) => {
          await transaction.account.update({ where: { id }, data: { timeZone: zone } });
          await beginDays(transaction, id, NOW);
          return true;
        });
        let calls = TIMES.length;
        let isMore = true;
        let steps = 0;
        while (isMore) {
          const before = await figures(account, calls);
          isMore = await step((transaction) => fillNextDay(transaction, id));
          expect(await figures(account, calls)).toEqual(before);
          // One on a day that is filled, one on a day that is not.
          await post(id, ['2026-11-20T11:30:00Z', '2026-10-26T12:00:00Z']);
          calls += 2;
          steps += 1;
        }
        expect(steps).toBeGreaterThan(5);
        const days = await service.database.client.$queryRaw<{ zones: string[] }[]>`
          SELECT array_agg(DISTINCT time_zone) AS zones FROM usage_days WHERE account_id = ${id}`;
        expect(days).toEqual([{ zones: [zone] }]);
      },
      180_000,
    );
  });
});
