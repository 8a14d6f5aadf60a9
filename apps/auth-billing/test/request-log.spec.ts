import { type BusEvent, newId, type RequestList, type RequestRefused, type RequestView, TOPIC } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { RequestLog } from '../src/requests/request-log.service.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

const DAY_MS = 86_400_000;
let service: TestService;
let nowMs = Date.now();

beforeAll(async () => {
  service = await TestService.start(() => new Date(nowMs));
}, 180_000);
afterAll(() => service.close());

function refused(accountId: string, overrides: Partial<RequestRefused> = {}): BusEvent {
  const data: RequestRefused = {
    account_id: accountId,
    key_id: 'key_test',
    code: 'rate_limit_exceeded',
    source: 'router/test',
    started_at: new Date().toISOString(),
    counted: null,
    request_id: newId('req'),
    source_tag: null,
    model: 'my-llama:142',
    endpoint: '/v1/chat/completions',
    status: 429,
    duration_ms: 0.4,
    attempts: [],
    ...overrides,
  };
  const { account_id: key, source } = data;
  return { id: newId('evt'), source, topic: TOPIC.requestRefused, key, occurredAt: new Date(), data };
}

async function accountWithKey(): Promise<{ accountId: string; list: (query?: string) => Promise<RequestList> }> {
  const accountId = await service.account('1000000000');
  const { key } = await service.key(accountId);
  const list = async (query = ''): Promise<RequestList> => {
    const { status, body } = await service.withKey<RequestList>(key, 'GET', `/api/v1/requests${query}`);
    expect(status).toBe(200);
    return body;
  };
  return { accountId, list };
}

async function untilLogged(list: () => Promise<RequestList>, count: number): Promise<readonly RequestView[]> {
  let data: readonly RequestView[] = [];
  await waitFor(
    async () => {
      ({ data } = await list());
      return data.length >= count;
    },
    { timeoutMs: 90_000, intervalMs: 100, what: `${count} rows of the request log` },
  );
  return data;
}

describe('the request log', () => {
  it('holds a billed call with its cost and units, and a refused one with its code, newest first', async () => {
    const { accountId, list } = await accountWithKey();
    await service.setPrice('instance:142', { input_nano_usd_per_1m_tokens: '50000000' });
    const call = usageEvent(accountId, { started_at: new Date(Date.now() - 5_000).toISOString() });
    await service.bus.publish([call, refused(accountId, { request_id: 'req_refused' })]);
    const [first, second] = await untilLogged(list, 2);
    expect(first).toMatchObject({ id: 'req_refused', status: 429, code: 'rate_limit_exceeded', outcome: 'refused', units: null });
    expect(second).toMatchObject({
      id: call.data.request_id,
      status: 200,
      outcome: 'completed',
      region: 'mv',
      cost_nano_usd: '50000',
      units: { requests: 1, input_tokens: 1_000, output_tokens: 100 },
      attempts: [{ region: 'mv', outcome: 'answered', code: '200' }],
    });
  });

  it('is one row for a call that one batch holds twice', async () => {
    const { accountId, list } = await accountWithKey();
    const call = usageEvent(accountId);
    await service.bus.publish([call]);
    await untilLogged(list, 1);
    await service.service.app.get(RequestLog).addCalls([call, call]);
    expect((await list()).data).toEqual([expect.objectContaining({ id: call.data.request_id, outcome: 'completed' })]);
  });

  it('is one row for a call that was sent and then refused, in whichever order its two events come', async () => {
    const { accountId, list } = await accountWithKey();
    const attempts = [{ region: 'mv', outcome: 'failed' as const, code: 'timeout', started_ms: 1, duration_ms: 9 }];
    const call = usageEvent(accountId, { outcome: 'upstream_error', status: 504, billable: false, units: { requests: 1 } });
    const { request_id: requestId, started_at: startedAt } = call.data;
    const refusal = { request_id: requestId, started_at: startedAt, code: 'upstream_timeout', status: 504, attempts };
    await service.bus.publish([refused(accountId, refusal)]);
    await untilLogged(list, 1);
    await service.bus.publish([call, refused(accountId, refusal)]);
    await waitFor(async () => (await list()).data[0]?.outcome === 'upstream_error', {
      ...{ timeoutMs: 90_000, intervalMs: 100, what: 'both events' },
    });
    const { data } = await list();
    expect(data).toEqual([expect.objectContaining({ id: requestId, code: 'upstream_timeout', status: 504, attempts })]);
  });

  it('filters by everything it shows, and counts over time', async () => {
    const { accountId, list } = await accountWithKey();
    await service.bus.publish([
      usageEvent(accountId, { source_tag: 'ci', region: 'ga' }),
      refused(accountId),
      refused(accountId, { code: 'budget_reached', status: 402, key_id: 'key_other' }),
    ]);
    await untilLogged(list, 3);
    for (const [query, count] of [
      ['?status=429', 1],
      ['?code=budget_reached', 1],
      ['?key_id=key_other', 1],
      ['?region=ga', 1],
      ['?source_tag=ci', 1],
      ['?outcome=refused', 2],
      ['?model=my-llama:142', 3],
      ['?endpoint=/v1/embeddings', 0],
      [`?from=${new Date(Date.now() + 60_000).toISOString()}`, 0],
    ] as const)
      expect([query, (await list(query)).data.length]).toEqual([query, count]);
    const { key } = await service.key(accountId);
    const histogram = await service.withKey<{ data: { outcome: string; count: number }[] }>(
      key,
      'GET',
      `/api/v1/requests/histogram?from=${new Date(Date.now() - 3_600_000).toISOString()}`,
    );
    const sums = Map.groupBy(histogram.body.data, ({ outcome }) => outcome);
    expect([...sums].map(([outcome, rows]) => [outcome, rows.reduce((sum, { count }) => sum + count, 0)]).sort()).toEqual([
      ['completed', 1],
      ['refused', 2],
    ]);
  });

  it('pages through rows of one instant without losing or repeating any', async () => {
    const { accountId, list } = await accountWithKey();
    const startedAt = new Date().toISOString();
    await service.bus.publish(Array.from({ length: 7 }, () => refused(accountId, { started_at: startedAt })));
    await untilLogged(() => list('?limit=100'), 7);
    const seen: string[] = [];
    for (let after = ''; ;) {
      const page = await list(`?limit=3${after}`);
      seen.push(...page.data.map(({ id }) => id));
      if (!page.has_more) break;
      after = `&after=${page.last_id ?? ''}`;
    }
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
  });

  it('says how many refusals were counted and not kept, and says so of an id that is missing', async () => {
    const { accountId, list } = await accountWithKey();
    const counted = refused(accountId, { counted: 490, request_id: null, model: null });
    await service.bus.publish([counted, refused(accountId)]);
    await untilLogged(list, 1);
    await service.bus.publish([{ ...counted, id: newId('evt') }]);
    await waitFor(async () => (await list()).counted_refusals === 490, {
      ...{ timeoutMs: 90_000, intervalMs: 100, what: 'the counted refusals' },
    });
    expect((await list('?code=budget_reached')).counted_refusals).toBe(0);
    const { key } = await service.key(accountId);
    const missing = await service.withKey<{ error: { message: string } }>(key, 'GET', '/api/v1/requests/req_none');
    expect(missing.status).toBe(404);
    expect(missing.body.error.message).toContain('counted and not kept');
  });

  it('shows an account nothing of another', async () => {
    const [one, other] = [await accountWithKey(), await accountWithKey()];
    await service.bus.publish([refused(one.accountId, { request_id: 'req_of_one' })]);
    await untilLogged(one.list, 1);
    expect((await other.list()).data).toEqual([]);
    const { key } = await service.key(other.accountId);
    expect((await service.withKey(key, 'GET', '/api/v1/requests/req_of_one')).status).toBe(404);
    expect((await other.list('?after=req_of_one')).data).toEqual([]);
  });

  it('is a CSV file where that is asked for', async () => {
    const { accountId, list } = await accountWithKey();
    await service.bus.publish([refused(accountId, { model: '=cmd()' })]);
    await untilLogged(list, 1);
    const { key } = await service.key(accountId);
    const csv = await service.withKey(key, 'GET', '/api/v1/requests?format=csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.text).toContain("'=cmd()");
  });

  it('drops whole days when they are over, and takes none that are older than it keeps', async () => {
    const { accountId, list } = await accountWithKey();
    const old = refused(accountId, { started_at: new Date(nowMs - 31 * DAY_MS).toISOString() });
    await service.bus.publish([old, refused(accountId)]);
    expect(await untilLogged(list, 1)).toHaveLength(1);
    nowMs += 40 * DAY_MS;
    const { RequestLog } = await import('../src/requests/request-log.service.js');
    const settings = { requestLogDays: 30 } as ConstructorParameters<typeof RequestLog>[2];
    const later = new RequestLog(service.database, () => new Date(nowMs), settings);
    await later.onModuleInit();
    later.onModuleDestroy();
    const rows = await service.database.client.$queryRaw<{ count: number }[]>`SELECT count(*)::integer AS count FROM request_log`;
    expect(rows[0]?.count).toBe(0);
    nowMs -= 40 * DAY_MS;
  });
});
