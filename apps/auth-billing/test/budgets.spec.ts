import { type AccountState, type BudgetView, type NotificationRaised, TOPIC, type UsageReport } from '@ecolink/contracts';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const TEST_TIMEOUT_MS = 120_000;

let service: TestService;
let postUsage: PostUsage;
let now = new Date('2026-11-01T06:50:00.000Z');

beforeAll(async () => {
  service = await TestService.start(() => now);
  postUsage = service.service.app.get(PostUsage);
  await service.setPrice('instance:142', { nano_usd_per_request: '100' });
}, TEST_TIMEOUT_MS);
afterAll(() => service.close(), TEST_TIMEOUT_MS);

async function customer() {
  const account = await service.account('1000000');
  const key = await service.key(account);
  const as = <Body>(method: string, path: string, body?: unknown) =>
    service.withKey<Body>(key.key, method, `/api/v1${path}`, body);
  const call = (at: string, keyId = key.id) => {
    const time = new Date(at).toISOString();
    return postUsage.post([usageEvent(account, { started_at: time, ended_at: time, key_id: keyId, source_tag: 'batch' })]);
  };
  return { account, key, as, call };
}

const stateOf = async (account: string): Promise<AccountState | undefined> => {
  const { body } = await service.internal<{ items: AccountState[] }>('GET', '/projections/accounts');
  return body.items.find((each) => each.account_id === account);
};
const inZone = async (account: string, zone: string) => {
  const { key } = await service.key(account);
  expect((await service.withKey(key, 'PATCH', '/api/v1/account', { time_zone: zone })).status).toBe(200);
};

describe('a budget', () => {
  it('counts what its scope spent in the window of now, in whatever order calls arrive, and travels with the account', async () => {
    const { account, key, as, call } = await customer();
    const other = await service.key(account);
    const ofAccount = await as<BudgetView>('POST', '/budgets', {
      scope: { kind: 'account' },
      period: 'month',
      limit_nano_usd: '1000',
    });
    const ofKey = await as<BudgetView>('POST', '/budgets', {
      scope: { kind: 'key', id: key.id },
      period: 'day',
      limit_nano_usd: '1000',
    });
    expect([ofAccount.status, ofKey.status]).toEqual([201, 201]);
    await call('2026-11-01T00:00:00Z');
    await call('2026-10-31T23:59:59Z');
    await call('2026-11-01T06:40:00Z', other.id);
    const state = await stateOf(account);
    const spent = (id: string) => state?.budgets?.find(({ budget_id }) => budget_id === id)?.spent_nano_usd;
    expect([spent(ofAccount.body.id), spent(ofKey.body.id)]).toEqual(['200', '100']);
    const shown = (await as<{ data: BudgetView[] }>('GET', '/budgets')).body.data;
    expect(shown.map(({ spent_nano_usd }) => spent_nano_usd).sort()).toEqual(['100', '200']);
  });

  it('is raised once in a window, changed and deleted, each under a new version of the account', async () => {
    const { account, as } = await customer();
    const { id } = (await as<BudgetView>('POST', '/budgets', { scope: { kind: 'account' }, period: 'day', limit_nano_usd: '10' }))
      .body;
    const before = (await stateOf(account))?.version ?? 0;
    const raised = await as<BudgetView>('POST', `/budgets/${id}/raise`, { by_nano_usd: '5' });
    expect([raised.status, raised.body.raised_nano_usd]).toEqual([201, '5']);
    expect((await as('POST', `/budgets/${id}/raise`, { by_nano_usd: '5' })).status).toBe(409);
    expect((await as<BudgetView>('PATCH', `/budgets/${id}`, { limit_nano_usd: '20' })).body.limit_nano_usd).toBe('20');
    expect((await stateOf(account))?.version).toBeGreaterThan(before + 1);
    expect((await as('DELETE', `/budgets/${id}`)).status).toBe(204);
    expect((await stateOf(account))?.budgets).toBeUndefined();
    expect((await as('PATCH', `/budgets/${id}`, { limit_nano_usd: '1' })).status).toBe(404);
  });

  it('is cut anew when the account moves to another zone: routers hear of it with what the new window has spent', async () => {
    const { account, as, call } = await customer();
    await as('POST', '/budgets', { scope: { kind: 'account' }, period: 'day', limit_nano_usd: '1000' });
    // In Kathmandu the day began at 18:15Z.
    await call('2026-10-31T18:14:59Z');
    await call('2026-10-31T18:15:00Z');
    const before = await stateOf(account);
    expect(before?.budgets?.[0]).toMatchObject({ spent_nano_usd: '0', window_started_at: '2026-11-01T00:00:00.000Z' });
    expect((await as('PATCH', '/account', { time_zone: 'Asia/Kathmandu' })).status).toBe(200);
    const { body } = await service.admin<{ data: { data: AccountState }[] }>(
      'GET',
      `/events?topic=${TOPIC.accountChanged}&limit=1000`,
    );
    const told = body.data.map(({ data }) => data).findLast((each) => each.account_id === account);
    expect(told?.version).toBeGreaterThan(before?.version ?? 0);
    expect(told?.time_zone).toBe('Asia/Kathmandu');
    expect(told?.budgets?.[0]).toMatchObject({ spent_nano_usd: '100', window_started_at: '2026-10-31T18:15:00.000Z' });
  });

  it.each([
    ['Pacific/Auckland', 'day', '2026-09-26T12:00:00Z', '2026-09-27T11:00:00Z'],
    ['Pacific/Auckland', 'week', '2026-03-29T11:00:00Z', '2026-04-05T12:00:00Z'],
    ['Asia/Kathmandu', 'month', '2026-05-31T18:15:00Z', '2026-06-30T18:15:00Z'],
    ['America/Los_Angeles', 'day', '2026-03-08T08:00:00Z', '2026-03-09T07:00:00Z'],
    ['America/Los_Angeles', 'month', '2026-11-01T07:00:00Z', '2026-12-01T08:00:00Z'],
  ])('in %s, of a %s that lasts from %s to %s, counts the calls at its edges and none beyond', async (zone, period, from, to) => {
    const { account, as, call } = await customer();
    await inZone(account, zone);
    const moments = [-1, 0, 1].flatMap((by) => [new Date(Date.parse(from) + by), new Date(Date.parse(to) + by)]);
    const before = now;
    now = new Date(Date.parse(to) - 1);
    await as('POST', '/budgets', { scope: { kind: 'account' }, period, limit_nano_usd: '1000' });
    for (const at of moments.sort((left, right) => Number(left) - Number(right))) {
      now = new Date(Math.max(Number(now), Number(at)));
      await call(at.toISOString());
    }
    const spentAt = async (at: Date) => {
      now = at;
      return (await as<{ data: BudgetView[] }>('GET', '/budgets')).body.data[0]?.spent_nano_usd;
    };
    expect([await spentAt(new Date(Date.parse(to) - 1)), await spentAt(new Date(to))]).toEqual(['300', '200']);
    now = before;
  });

  it.each([
    ['limit_nano_usd', { limit_nano_usd: '1e3' }],
    ['limit_nano_usd', { limit_nano_usd: '-1' }],
    ['limit_nano_usd', { limit_nano_usd: ' 5' }],
    ['limit_nano_usd', { limit_nano_usd: 5 }],
    ['period', { period: 'year' }],
    ['scope.id', { scope: { kind: 'key', id: 'key_of_another' } }],
    ['colour', { colour: 'red' }],
  ])('is refused by the name of %s for %j', async (param, part) => {
    const { as } = await customer();
    const good = { scope: { kind: 'account' }, period: 'day', limit_nano_usd: '10' };
    const refused = await as<{ error: { param: string } }>('POST', '/budgets', { ...good, ...part });
    expect([refused.status, refused.body.error.param]).toEqual([400, param]);
    expect((await as<{ data: unknown[] }>('GET', '/budgets')).body.data).toEqual([]);
  });

  it('is told of at 80 % and at its end, once in a window', async () => {
    const { account, as, call } = await customer();
    await as('POST', '/budgets', { scope: { kind: 'account' }, period: 'day', limit_nano_usd: '500' });
    for (let calls = 0; calls < 7; calls += 1) await call('2026-11-01T06:00:00Z');
    const { body } = await service.admin<{ data: { data: NotificationRaised }[] }>(
      'GET',
      `/events?topic=${TOPIC.notificationRaised}&limit=1000`,
    );
    const told = body.data.map(({ data }) => data).filter((each) => each.account_id === account);
    expect(told.map(({ kind, severity }) => [kind, severity])).toEqual([
      ['budget_threshold', 'warning'],
      ['budget_threshold', 'critical'],
    ]);
  });
});

describe('usage', () => {
  it.each([
    ['Pacific/Auckland', ['2026-10-31', '2026-11-01']],
    ['Asia/Kathmandu', ['2026-10-31', '2026-11-01']],
    ['America/Los_Angeles', ['2026-10-31']],
  ])('is cut by the days of %s, and its parts add up to its total and to the ledger', async (zone, days) => {
    const { account, as, call } = await customer();
    await inZone(account, zone);
    // Auckland's midnight is 11:00Z, Kathmandu's 18:15Z, Los Angeles's 07:00Z.
    for (const at of ['2026-10-31T10:59:59Z', '2026-10-31T18:14:59Z', '2026-10-31T18:15:00Z', '2026-11-01T06:40:00Z'])
      await call(at);
    const { body } = await as<UsageReport>('GET', '/billing/usage?from=2026-10-01&to=2026-12-01&group_by=day');
    expect([body.time_zone, body.data.map(({ day }) => day)]).toEqual([zone, days]);
    const grouped = await as<UsageReport>(
      'GET',
      '/billing/usage?from=2026-10-01&to=2026-12-01&group_by=day,model,key,source_tag,region',
    );
    for (const report of [body, grouped.body]) {
      expect(report.data.reduce((sum, row) => sum + BigInt(row.cost_nano_usd), 0n)).toBe(400n);
      expect(report.totals).toMatchObject({ calls: 4, input_tokens: 4_000, output_tokens: 400, cost_nano_usd: '400' });
    }
    expect(await service.balance(account)).toBe(String(1_000_000n - 400n));
    now = new Date(now.getTime() + 1);
  });
});
