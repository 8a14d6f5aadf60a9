import {
  type AccountState,
  type CreatedApiKey,
  type KeyState,
  type PriceState,
  TOPIC,
  type UsageRecorded,
} from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { hashPassword } from '../src/identity/passwords/password-hash.js';
import { MID_MONTH, TestService } from './service.js';
import { usageEvent } from './usage-event.js';

interface ErrorAnswer {
  readonly error: { readonly code: string; readonly param: string | null; readonly message: string };
}
interface List<Item = { readonly id: string }> {
  readonly data: readonly Item[];
  readonly first_id: string;
  readonly last_id: string;
  readonly has_more: boolean;
}

describe('management calls', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(MID_MONTH);
  }, 120_000);
  afterAll(() => service.close());

  const events = async <Data>(topic: string, key: string): Promise<Data[]> => {
    const rows = await service.database.client.busEvent.findMany({ where: { topic, key }, orderBy: { id: 'asc' } });
    return rows.map((row) => row.data as Data);
  };

  const usageNow = (account: string, overrides: Partial<UsageRecorded> = {}) => {
    const at = MID_MONTH().toISOString();
    return usageEvent(account, { started_at: at, ended_at: at, ...overrides });
  };

  const member = async (accountId: string, role: 'owner' | 'member', email: string): Promise<string> => {
    const user = await service.database.client.user.create({
      data: { id: `usr_${email}`, email, passwordHash: await hashPassword('correct horse') },
    });
    await service.database.client.membership.create({ data: { accountId, userId: user.id, role } });
    const answer = await service.call('POST', '/api/v1/session', { body: { email, password: 'correct horse' } });
    expect(answer.status).toBe(201);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax/);
    return cookie.split(';')[0] ?? '';
  };

  it('shows a key once, keeps only its hash, and announces it at once', async () => {
    const account = await service.account();
    const created = await service.key(account, ['inference']);
    expect(created.key).toMatch(/^eco_[0-9A-Za-z]{49}$/);
    const stored = await service.database.client.apiKey.findUniqueOrThrow({ where: { id: created.id } });
    expect(JSON.stringify({ ...stored, version: 0, changedXid: 0 })).not.toContain(created.key);
    expect((await events<KeyState>(TOPIC.keyChanged, stored.keyHash)).at(-1)).toMatchObject({
      version: 1,
      status: 'active',
      account_id: account,
    });
    const list = await service.admin<List>('GET', `/accounts/${account}/api-keys`);
    expect(list.text).not.toContain(created.key);
  });

  it('announces a revoked key with a higher version, and keeps it in the projection', async () => {
    const account = await service.account();
    const managing = await service.key(account);
    const created = (await service.withKey<CreatedApiKey>(managing.key, 'POST', '/api/v1/api-keys', { name: 'x' })).body;
    const before = await service.internal<{ cursor: string }>('GET', '/projections/keys');
    expect((await service.withKey(managing.key, 'DELETE', `/api/v1/api-keys/${created.id}`)).status).toBe(200);
    const projected = await service.internal<{ items: KeyState[] }>('GET', `/projections/keys?since=${before.body.cursor}`);
    expect(projected.body.items.find((item) => item.key_id === created.id)).toMatchObject({ status: 'revoked', version: 2 });
    expect((await service.withKey<ErrorAnswer>(created.key, 'GET', '/api/v1/billing')).body.error.code).toBe('invalid_api_key');
  });

  it.each([
    [{ name: 'x', spend_cap_nano_usd: '5' }, 'spend_cap_nano_usd'],
    [{ name: 'x', expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ name: '' }, 'name'],
    [{ name: 'a\0b' }, 'name'],
    [{ name: 'x', scopes: ['everything'] }, 'scopes[0]'],
  ])('refuses the key %j by the name of its field', async (body, param) => {
    const key = await service.key(await service.account());
    const answer = await service.withKey<ErrorAnswer>(key.key, 'POST', '/api/v1/api-keys', body);
    expect([answer.status, answer.body.error.code, answer.body.error.param]).toEqual([400, 'invalid_request', param]);
  });

  it('tells the causes of a refusal apart: no credential, no such key, no scope, suspended', async () => {
    const account = await service.account();
    const [managing, inferring] = [await service.key(account), await service.key(account, ['inference'])];
    const codeOf = async (authorization?: string) =>
      (
        await service.call<ErrorAnswer>(
          'GET',
          '/api/v1/billing',
          authorization === undefined ? {} : { headers: { authorization } },
        )
      ).body.error.code;
    expect(await codeOf()).toBe('session_required');
    expect(await codeOf('Bearer eco_YOUR_KEY')).toBe('invalid_api_key');
    expect(await codeOf(`Bearer ${inferring.key}`)).toBe('scope_missing');
    await service.admin('PATCH', `/accounts/${account}`, { status: 'suspended' });
    expect(await codeOf(`Bearer ${managing.key}`)).toBe('account_suspended');
    expect((await events<AccountState>(TOPIC.accountChanged, account)).at(-1)).toMatchObject({ status: 'suspended' });
    const authorized = await service.internal<ErrorAnswer>('POST', '/authorize', {
      authorization: `Bearer ${managing.key}`,
      cookie: null,
    });
    expect([authorized.status, authorized.body.error.code]).toEqual([403, 'account_suspended']);
  });

  it('lets members see keys but not make or revoke them', async () => {
    const account = await service.account();
    const created = await service.key(account);
    const cookie = await member(account, 'member', 'member@example.com');
    expect((await service.call('GET', '/api/v1/api-keys', { headers: { cookie } })).status).toBe(200);
    const made = await service.call<ErrorAnswer>('POST', '/api/v1/api-keys', { headers: { cookie }, body: { name: 'x' } });
    const revoked = await service.call<ErrorAnswer>('DELETE', `/api/v1/api-keys/${created.id}`, { headers: { cookie } });
    expect([made.body.error.code, revoked.body.error.code]).toEqual(['role_not_permitted', 'role_not_permitted']);
  });

  it('keeps accounts apart: the key of another account is unknown', async () => {
    const [mine, theirs] = [await service.key(await service.account()), await service.key(await service.account())];
    const answer = await service.withKey<ErrorAnswer>(mine.key, 'DELETE', `/api/v1/api-keys/${theirs.id}`);
    expect([answer.status, answer.body.error.code]).toEqual([404, 'not_found']);
  });

  it('signs in, says who it is, switches accounts, refuses foreign origins, and signs out', async () => {
    const [first, second] = [await service.account(), await service.account()];
    const cookie = await member(first, 'owner', 'owner@example.com');
    await service.database.client.membership.create({
      data: { accountId: second, userId: 'usr_owner@example.com', role: 'member' },
    });
    const me = await service.call<{ active_account_id: string; accounts: { id: string }[] }>('GET', '/api/v1/me', {
      headers: { cookie },
    });
    expect(me.body).toMatchObject({ active_account_id: first, user: { email: 'owner@example.com' } });
    expect(me.body.accounts.map((each) => each.id)).toEqual([first, second]);
    const put = (body: object, origin?: string) =>
      service.call<ErrorAnswer>('PUT', '/api/v1/me/active-account', {
        headers: { cookie, ...(origin === undefined ? {} : { origin }) },
        body,
      });
    expect((await put({ account_id: second }, 'https://evil.example')).body.error.code).toBe('origin_refused');
    expect((await put({ account_id: await service.account() })).status).toBe(404);
    expect((await put({ account_id: second })).status).toBe(200);
    const principal = await service.internal<{ principal: { account_id: string; role: string } }>('POST', '/authorize', {
      authorization: null,
      cookie,
    });
    expect(principal.body.principal).toMatchObject({ account_id: second, role: 'member' });
    expect((await service.call('DELETE', '/api/v1/session', { headers: { cookie } })).status).toBe(204);
    expect((await service.call<ErrorAnswer>('GET', '/api/v1/me', { headers: { cookie } })).body.error.code).toBe(
      'session_required',
    );
  });

  it('refuses a wrong password and an unknown address with the same answer', async () => {
    const attempt = (email: string) =>
      service.call<ErrorAnswer>('POST', '/api/v1/session', { body: { email, password: 'wrong' } });
    const [wrong, unknown] = [await attempt('owner@example.com'), await attempt('nobody@example.com')];
    expect([wrong.status, wrong.body]).toEqual([401, unknown.body]);
    expect(wrong.body.error.code).toBe('invalid_credentials');
  });

  it('takes a negative credit, and the same Idempotency-Key only once', async () => {
    const account = await service.account('1000');
    const grant = (amount: string) =>
      service.admin<{ id: string } & ErrorAnswer>(
        'POST',
        `/accounts/${account}/credits`,
        { amount_nano_usd: amount, type: 'admin_correction', reason: 'too much' },
        { 'idempotency-key': `credit-of-${account}` },
      );
    const answers = [await grant('-1500'), await grant('-1500'), await grant('-1500')];
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(await service.balance(account)).toBe('-500');
    const reused = await grant('-1');
    expect([reused.status, reused.body.error.code]).toEqual([409, 'idempotency_key_reused']);
    expect((await events<AccountState>(TOPIC.accountChanged, account)).at(-1)?.balance_nano_usd).toBe('-500');
  });

  it.each(['9223372036854775807', '1.5', '0', '1e3', ''])('refuses a credit of %j that would not be exact', async (amount) => {
    const account = await service.account('1000');
    const answer = await service.admin<ErrorAnswer>('POST', `/accounts/${account}/credits`, {
      amount_nano_usd: amount,
      type: 'bonus_grant',
      reason: 'x',
    });
    expect([answer.status, answer.body.error.param]).toEqual([400, 'amount_nano_usd']);
    expect(await service.balance(account)).toBe('1000');
  });

  it('announces every account of a plan whose limits change', async () => {
    await service.admin('PUT', '/plans/trial', { requests_per_minute: 5 });
    const account = await service.account();
    await service.admin('PATCH', `/accounts/${account}`, { plan: 'trial' });
    await service.admin('PUT', '/plans/trial', { requests_per_minute: 9 });
    await service.admin('PUT', '/plans/trial', { requests_per_minute: 9, tokens_per_minute: 5_000, concurrent_requests: 1 });
    const states = await events<AccountState>(TOPIC.accountChanged, account);
    expect(states.at(-1)?.plan).toEqual({
      name: 'trial',
      requests_per_minute: 9,
      tokens_per_minute: 5_000,
      concurrent_requests: 1,
    });
    expect(states.at(-1)?.version).toBeGreaterThan(states.at(-2)?.version ?? Infinity);
    expect((await service.admin('PATCH', `/accounts/${account}`, { plan: 'no-such-plan' })).status).toBe(400);
  });

  it('keeps the quotas of a plan, with defaults for those left out, and tells the other services them', async () => {
    const put = await service.admin('PUT', '/plans/small', { requests_per_minute: 5, max_models: 3 });
    expect(put.body).toMatchObject({ max_models: 3, max_keys: 100, max_instances: 50, max_pods: 256 });
    expect((await service.admin('GET', '/plans/small')).body).toEqual(put.body);
    const account = await service.account();
    await service.admin('PATCH', `/accounts/${account}`, { plan: 'small' });
    const { key } = await service.key(account);
    const authorized = await service.internal('POST', '/authorize', { authorization: `Bearer ${key}`, cookie: null });
    expect(authorized.body).toMatchObject({ principal: { quotas: { max_models: 3, max_keys: 100, max_channels: 20 } } });
    const refused = await service.admin('PUT', '/plans/small', { requests_per_minute: 5, max_members: 0 });
    expect(refused).toMatchObject({ status: 400, body: { error: { param: 'max_members' } } });
  });

  it('makes a new price version only when prices differ', async () => {
    const target = 'platform:org/model name?';
    await service.setPrice(target, { nano_usd_per_request: '5', nano_usd_per_image: '7' });
    await service.setPrice(target, { nano_usd_per_image: '7', nano_usd_per_request: '5' });
    await service.setPrice(target, {});
    const states = await events<PriceState>(TOPIC.priceChanged, target);
    expect(states.map((state) => [state.version, state.prices])).toEqual([
      [1, { nano_usd_per_request: '5', nano_usd_per_image: '7' }],
      [2, {}],
    ]);
    const projected = await service.internal<{ items: PriceState[] }>('GET', '/projections/prices');
    expect(projected.body.items.filter((item) => item.target === target)).toEqual([states[1]]);
    expect((await service.setPrice('nonsense', {})).status).toBe(400);
  });

  it('pages a projection without losing or repeating an account', async () => {
    const whole = await service.internal<{ items: AccountState[] }>('GET', '/projections/accounts');
    const ids: string[] = [];
    let after = '';
    do {
      const query: string = after === '' ? '' : `&after=${after}`;
      const page = await service.internal<{ items: AccountState[]; next: string | null }>(
        'GET',
        `/projections/accounts?limit=3${query}`,
      );
      ids.push(...page.body.items.map((item) => item.account_id));
      after = page.body.next ?? '';
    } while (after !== '');
    expect(ids).toEqual(whole.body.items.map((item) => item.account_id));
  });

  it('says whether an amount is affordable', async () => {
    const account = await service.account('1000');
    const afford = (amount: string) => service.internal('POST', '/afford', { account_id: account, amount_nano_usd: amount });
    expect((await afford('1000')).body).toEqual({ affordable: true, balance_nano_usd: '1000' });
    expect((await afford('1001')).body).toEqual({ affordable: false, balance_nano_usd: '1000' });
  });

  it('bills what arrives on the bus, and shows it: summary, usage, calls, transactions, events, CSV', async () => {
    const account = await service.account('1000000');
    const key = await service.key(account);
    await service.setPrice('instance:142', { nano_usd_per_request: '1000' });
    const usage = [
      usageNow(account, { source_tag: '=evil()' }),
      usageNow(account, { region: 'ga' }),
      usageNow(account, { billable: false, outcome: 'failed' }),
    ];
    await service.bus.publish(usage);
    const get = <Body>(path: string) => service.withKey<Body>(key.key, 'GET', `/api/v1/billing${path}`);
    await waitFor(async () => (await service.balance(account)) === '998000', {
      timeoutMs: 60_000,
      what: 'the calls to be billed',
    });
    const summary = await get<{ runs_out_at: string }>('');
    expect(summary.body).toMatchObject({
      balance_nano_usd: '998000',
      held_nano_usd: '0',
      month_cost_nano_usd: '2000',
      month_calls: 3,
      month_tokens: 3_300,
      burn_rate_nano_usd_per_hour: '2000',
    });
    expect(new Date(summary.body.runs_out_at).getTime()).toBeGreaterThan(MID_MONTH().getTime());
    const report = await get<List<{ region: string; calls: number; cost_nano_usd: string }>>('/usage?group_by=day,region');
    expect(report.body.data).toMatchObject([
      { region: 'ga', calls: 1, cost_nano_usd: '1000' },
      { region: 'mv', calls: 2, cost_nano_usd: '1000' },
    ]);
    const calls = await get<List<{ cost_nano_usd: string; outcome: string; region: string }>>(
      `/calls?request_id=${usage[1]?.data.request_id ?? ''}`,
    );
    expect(calls.body.data).toMatchObject([
      { cost_nano_usd: '1000', region: 'ga', outcome: 'completed', units: { requests: 1, input_tokens: 1_000 } },
    ]);
    const firstPage = await get<List<{ id: string; amount_nano_usd: string }>>('/transactions?limit=1');
    const secondPage = await get<List<{ id: string; amount_nano_usd: string }>>(
      `/transactions?limit=5&after=${firstPage.body.last_id}`,
    );
    expect([...firstPage.body.data, ...secondPage.body.data].map((row) => row.amount_nano_usd)).toEqual([
      '-1000',
      '-1000',
      '1000000',
    ]);
    const back = await get<List>(`/transactions?limit=1&before=${secondPage.body.first_id}`);
    expect(back.body.data[0]?.id).toBe(firstPage.body.data[0]?.id);
    const csv = await get('/usage?group_by=source_tag&format=csv');
    expect(csv.headers.get('content-type')).toMatch(/text\/csv/);
    expect(csv.text).toContain("'=evil()");
    const page = await service.admin<{ data: { type: string; data: UsageRecorded }[] }>(
      'GET',
      `/events?topic=${TOPIC.usageRecorded}&limit=1000`,
    );
    expect(page.body.data.map((event) => event.data.event_id)).toEqual(expect.arrayContaining(usage.map((event) => event.id)));
    expect((await service.admin<ErrorAnswer>('GET', '/events?topic=nonsense')).body.error.param).toBe('topic');
  });

  it('lists dead letters, and bills a replayed one once its cause is gone', async () => {
    const account = await service.account('1000000');
    const event = usageNow(account, { instance_id: null, platform_model_id: 'late/price' });
    await service.bus.publish([event]);
    type Letter = { id: string; event_id: string; replayed_at: string | null };
    const find = async () =>
      (await service.admin<List<Letter>>('GET', '/dead-letters')).body.data.find((each) => each.event_id === event.id);
    const letter = await waitFor(find, { timeoutMs: 60_000, what: 'the dead letter' });
    await service.setPrice('platform:late/price', { nano_usd_per_request: '7' });
    expect((await service.admin<Letter>('POST', `/dead-letters/${letter.id}/replay`)).body.replayed_at).not.toBeNull();
    await waitFor(async () => (await service.balance(account)) === '999993', {
      timeoutMs: 60_000,
      what: 'the replayed call to be billed',
    });
  });

  it('audits every call of an operator, refused ones too', async () => {
    await service.admin('PATCH', '/accounts/acc_nobody', { status: 'active' });
    await service.admin('PATCH', '/accounts/acc_nobody', { nonsense: 1 });
    const log = await service.admin<List<{ path: string; method: string; status: number; admin_name: string }>>(
      'GET',
      '/audit-log?limit=3',
    );
    expect(log.body.data.slice(1).map((entry) => [entry.method, entry.path, entry.status, entry.admin_name])).toEqual([
      ['PATCH', '/admin/v1/accounts/acc_nobody', 400, 'tester'],
      ['PATCH', '/admin/v1/accounts/acc_nobody', 404, 'tester'],
    ]);
  });

  it('seeds the demo account once, with its bonus as a ledger row and an owner who can sign in', async () => {
    const seed = () =>
      service.internal<{ account_id: string }>('POST', '/seed-demo-account', {
        email: 'demo@example.com',
        password: 'first password',
      });
    const [first, second] = await Promise.all([seed(), seed()]);
    expect(first.body.account_id).toBe(second.body.account_id);
    expect(await service.balance(first.body.account_id)).toBe('1000000000');
    const rows = await service.admin<List<{ type: string }>>('GET', `/ledger/transactions?account_id=${first.body.account_id}`);
    expect(rows.body.data.map((row) => row.type)).toEqual(['bonus']);
    const signedIn = await service.call('POST', '/api/v1/session', {
      body: { email: 'Demo@Example.com', password: 'first password' },
    });
    expect(signedIn.status).toBe(201);
  });

  it('lets nobody in without the operators’ token or the internal secret', async () => {
    expect((await service.call('GET', '/admin/v1/accounts')).status).toBe(401);
    expect((await service.call('GET', '/internal/projections/keys')).status).toBe(404);
  });
});
