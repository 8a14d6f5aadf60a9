import type {
  BillingSummary,
  BudgetView,
  CallView,
  ListPage,
  Reconciliation,
  RequestView,
  TransactionView,
  UsageReport,
} from '@ecolink/contracts';
import { PostUsage } from '../src/charges/calls/post-usage.js';
import { RequestLog } from '../src/requests/request-log.service.js';
import { verifyLedger } from '../src/index.js';
import { MID_MONTH, TestService } from './service.js';
import { usageEvent } from './usage-event.js';

let service: TestService;
let postUsage: PostUsage;

beforeAll(async () => {
  service = await TestService.start(MID_MONTH);
  postUsage = service.service.app.get(PostUsage);
  await service.setPrice('instance:142', { nano_usd_per_video_second: '1000' });
}, 120_000);
afterAll(() => service.close(), 120_000);

const ENDPOINT = '/v1/video/generations';
const usageNow: typeof usageEvent = (account, overrides) => {
  const at = MID_MONTH().toISOString();
  return usageEvent(account, { started_at: at, ended_at: at, ...overrides });
};
/** A film of six seconds, taken by a pod. */
const jobOf = (account: string, keyId = 'key_test') =>
  usageNow(account, { endpoint: ENDPOINT, units: { requests: 1, video_milliseconds: 6_000 }, key_id: keyId, status: 202 });
/** What a router says whose poll heard of the failure. */
const failureOf = (job: ReturnType<typeof usageEvent>, source = 'router/test', account = job.key) =>
  usageNow(account, {
    ...{ endpoint: ENDPOINT, units: { requests: 0 }, billable: false, outcome: 'failed', source },
    refund_of: job.data.request_id,
  });

async function newAccount(): Promise<{ id: string; key: string; keyId: string }> {
  const id = await service.account('10000');
  const key = await service.key(id);
  return { id, key: key.key, keyId: key.id };
}

const get = async <Body>(key: string, path: string): Promise<Body> => (await service.withKey<Body>(key, 'GET', path)).body;
const rowsOf = async (key: string) =>
  (await get<ListPage<TransactionView>>(key, '/api/v1/billing/transactions')).data.map(({ type, amount_nano_usd: amount }) => [
    type,
    amount,
  ]);

describe('a job that failed after it was billed', () => {
  it('is given back once, however many routers say so and how often, in the ledger, in usage, in budgets and in the log', async () => {
    const { id, key, keyId } = await newAccount();
    const budget = { scope: { kind: 'account' }, period: 'month', limit_nano_usd: '100000' };
    await service.withKey(key, 'POST', '/api/v1/budgets', budget);
    const [job, other] = [jobOf(id, keyId), jobOf(id, keyId)];
    await postUsage.post([job, other]);
    const log = service.service.app.get(RequestLog);
    await log.addCalls([job, other]);
    expect(await service.balance(id)).toBe(String(10_000 - 2 * 6_000));

    const failures = [failureOf(job), failureOf(job), failureOf(job, 'router/other')];
    await postUsage.post(failures.slice(0, 2));
    await Promise.all([postUsage.post(failures), postUsage.post([failureOf(job, 'router/third')])]);
    await log.addCalls([...failures, job]);

    expect(await service.balance(id)).toBe(String(10_000 - 6_000));
    expect(await rowsOf(key)).toEqual([
      ['refund', '6000'],
      ['api_usage', '-6000'],
      ['api_usage', '-6000'],
      ['bonus_grant', '10000'],
    ]);
    const usage = await get<UsageReport>(key, '/api/v1/billing/usage?group_by=day,model,key');
    expect(usage.totals).toMatchObject({ calls: 2, video_milliseconds: 12_000, cost_nano_usd: '6000' });
    expect(usage.data).toMatchObject([{ calls: 2, key_id: keyId, cost_nano_usd: '6000' }]);
    const summary = await get<BillingSummary>(key, '/api/v1/billing');
    expect(summary).toMatchObject({ month_cost_nano_usd: '6000', month_calls: 2, burn_rate_nano_usd_per_hour: '6000' });
    const [left] = (await get<ListPage<BudgetView>>(key, '/api/v1/budgets')).data;
    expect(left?.spent_nano_usd).toBe('6000');
    const { data: calls } = await get<ListPage<CallView>>(key, `/api/v1/billing/calls?request_id=${job.data.request_id}`);
    expect(calls).toMatchObject([{ cost_nano_usd: '6000', refunded_nano_usd: '6000' }]);
    expect((await get<RequestView>(key, `/api/v1/requests/${job.data.request_id}`)).cost_nano_usd).toBe('0');
    expect((await get<RequestView>(key, `/api/v1/requests/${other.data.request_id}`)).cost_nano_usd).toBe('6000');
    const { body } = await service.admin<Reconciliation>('POST', `/reconcile?account_id=${id}`);
    expect(body).toMatchObject({ balanced: true, differences: [] });
    expect(await verifyLedger(service.database)).toEqual([]);
  });

  it('is given back when its call comes later than the word of its failure, and in the same batch', async () => {
    const { id, key } = await newAccount();
    const [late, together] = [jobOf(id), jobOf(id)];
    await postUsage.post([failureOf(late)]);
    expect(await service.balance(id)).toBe('10000');
    await postUsage.post([late]);
    await postUsage.post([failureOf(together), together]);
    await postUsage.post([late, together]);
    expect(await service.balance(id)).toBe('10000');
    expect((await rowsOf(key)).filter(([type]) => type === 'refund')).toHaveLength(2);
    expect((await service.admin<Reconciliation>('POST', `/reconcile?account_id=${id}`)).body.balanced).toBe(true);
  });

  it('is nobody’s but its account’s, and one that cost nothing leaves no row', async () => {
    const [owner, stranger] = [await newAccount(), await newAccount()];
    const job = jobOf(owner.id);
    const free = usageNow(owner.id, { endpoint: ENDPOINT, instance_id: 4_711, units: { requests: 1, video_milliseconds: 1 } });
    await postUsage.post([job, free]);
    await postUsage.post([failureOf(job, 'router/test', stranger.id), failureOf(free), failureOf(jobOf('acc_of_nobody'))]);
    expect([await service.balance(owner.id), await service.balance(stranger.id)]).toEqual(['4000', '10000']);
    expect([...(await rowsOf(owner.key)), ...(await rowsOf(stranger.key))].filter(([type]) => type === 'refund')).toEqual([]);
  });

  it('is missed by reconciling where the ledger does not have it', async () => {
    const { id } = await newAccount();
    const job = jobOf(id);
    await postUsage.post([job, failureOf(job)]);
    await service.database.client.callRefund.updateMany({ where: { accountId: id }, data: { amountNanoUsd: 5n } });
    const { body } = await service.admin<Reconciliation>('POST', `/reconcile?account_id=${id}`);
    expect(body.differences).toContainEqual(
      expect.objectContaining({ kind: 'call_posting', expected_nano_usd: '5', actual_nano_usd: '6000' }),
    );
  });
});
