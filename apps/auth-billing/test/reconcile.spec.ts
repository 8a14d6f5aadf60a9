import type { ReconciledDifference, Reconciliation } from '@ecolink/contracts';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const TEST_TIMEOUT_MS = 120_000;

let service: TestService;
let now = new Date('2026-11-03T10:00:00.000Z');

beforeAll(async () => {
  service = await TestService.start(() => now);
  await service.setPrice('instance:142', { nano_usd_per_request: '100' });
}, TEST_TIMEOUT_MS);
afterAll(() => service.close(), TEST_TIMEOUT_MS);

async function accountWithCalls(): Promise<string> {
  const account = await service.account('1000000');
  const events = ['2026-11-01T10:00:00Z', '2026-11-02T23:59:59.999Z', '2026-11-03T09:59:00Z'].map((at) => {
    const time = new Date(at).toISOString();
    return usageEvent(account, { started_at: time, ended_at: time });
  });
  await service.service.app.get(PostUsage).post(events);
  return account;
}

const reconcile = async (account: string): Promise<Reconciliation> => {
  const answer = await service.admin<Reconciliation>('POST', `/reconcile?account_id=${account}`);
  expect(answer.status).toBe(200);
  return answer.body;
};
const found = ({ differences }: Reconciliation): Partial<ReconciledDifference>[] =>
  differences.map(({ kind, expected_nano_usd: expected, actual_nano_usd: actual }) => ({
    ...{ kind, expected_nano_usd: expected, actual_nano_usd: actual },
  }));
/** A hand in the database, past what keeps rows as they are. */
const tamper = (...statements: string[]) =>
  service.database.client.$transaction([
    service.database.client.$executeRawUnsafe(`SET LOCAL session_replication_role = replica`),
    ...statements.map((statement) => service.database.client.$executeRawUnsafe(statement)),
  ]);

describe('reconciling', () => {
  it('finds nothing where everything is as its entries and usage say, over everything and one account', async () => {
    const account = await accountWithCalls();
    const one = await reconcile(account);
    expect(one).toMatchObject({ balanced: true, differences: [], truncated: false });
    expect(one.checked).toEqual({ accounts: 1, transactions: 4, calls: 3 });
    const all = await service.admin<Reconciliation>('POST', '/reconcile');
    expect([all.status, all.body.balanced]).toEqual([200, true]);
    expect((await service.admin('POST', '/reconcile?account_id=acc_of_nobody')).status).toBe(404);
  });

  it('prices a call by the version of its time, however late it came and whatever the price is now', async () => {
    const account = await accountWithCalls();
    now = new Date('2026-11-03T11:00:00.000Z');
    await service.setPrice('instance:142', { nano_usd_per_request: '900' });
    const late = new Date('2026-11-03T10:59:59Z').toISOString();
    await service.service.app.get(PostUsage).post([usageEvent(account, { started_at: late, ended_at: late })]);
    expect(await service.balance(account)).toBe(String(1_000_000 - 4 * 100));
    expect(await reconcile(account)).toMatchObject({ balanced: true });
  });

  it.each([
    [
      'a balance',
      (id: string) => `UPDATE balances SET balance_nano_usd = 5 WHERE account_id = '${id}'`,
      ['balance', '999700', '5'],
    ],
    ['what is held', (id: string) => `UPDATE balances SET held_nano_usd = 7 WHERE account_id = '${id}'`, ['held', '0', '7']],
    [
      'the cost of a call',
      (id: string) =>
        `UPDATE usage_events SET cost_nano_usd = 1 WHERE account_id = '${id}' AND started_at = '2026-11-01T10:00:00Z'`,
      ['call_cost', '100', '1'],
    ],
    [
      'a call that is not recorded',
      (id: string) => `DELETE FROM usage_events WHERE account_id = '${id}' AND started_at = '2026-11-01T10:00:00Z'`,
      ['call_posting', null, null],
    ],
    [
      'a sum of a report',
      (id: string) =>
        `UPDATE usage_quarters SET cost_nano_usd = 3 WHERE account_id = '${id}' AND quarter = '2026-11-01T10:00:00Z'`,
      ['usage_totals', '100', '3'],
    ],
    [
      'what a key has spent',
      (id: string) => `DELETE FROM key_spend WHERE account_id = '${id}' AND span = 'day' AND starts_at = '2026-11-02T00:00:00Z'`,
      ['budget_spend', '100', '0'],
    ],
  ])('says which %s is not what it should be', async (_what, statement, [kind, expected, actual]) => {
    const account = await accountWithCalls();
    await tamper(statement(account));
    expect(found(await reconcile(account))).toContainEqual({ kind, expected_nano_usd: expected, actual_nano_usd: actual });
    expect((await reconcile(account)).balanced).toBe(false);
  });
});
