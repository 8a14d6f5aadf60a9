import { jest } from '@jest/globals';
import { type InstanceRecord, newId, type NotificationView, TOPIC } from '@ecolink/contracts';
import { instanceRecord, waitFor } from '@ecolink/testing';
import { hashPassword } from '../src/identity/passwords/password-hash.js';
import { pruneNotifications } from '../src/notifications/prune.store.js';
import { Notifications } from '../src/notifications/raise/raise-notifications.service.js';
import { BalanceWarnings } from '../src/notifications/sources/balance-warnings.service.js';
import { ExpiringKeys } from '../src/notifications/sources/expiring-keys.service.js';
import { TestService } from './service.js';
import { usageEvent } from './usage-event.js';

interface ErrorAnswer {
  readonly error: { readonly code: string; readonly param: string | null };
}
interface Bell {
  readonly data: readonly NotificationView[];
  readonly unread_count: number;
  readonly has_more: boolean;
}

const BELL = '/api/v1/notifications';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

jest.setTimeout(180_000);

describe('notifications', () => {
  let service: TestService;
  let now = new Date('2026-11-30T12:00:00.000Z');

  beforeAll(async () => {
    service = await TestService.start(() => now);
  }, 120_000);
  afterAll(() => service.close());

  const owner = async (): Promise<{ account: string; key: string }> => {
    const account = await service.account();
    return { account, key: (await service.key(account)).key };
  };
  const bell = async (key: string, query = ''): Promise<Bell> =>
    (await service.withKey<Bell>(key, 'GET', `${BELL}${query}`)).body;
  const raise = (accountId: string, onceKey?: string): Promise<void> =>
    service.service.app.get(Notifications).raise([
      {
        accountId,
        kind: 'budget_threshold',
        severity: 'warning',
        title: '80 % of a budget are used',
        text: '$8.00 of $10.00 until 2026-12-01.',
        ...(onceKey === undefined ? {} : { onceKey }),
      },
    ]);

  it('are listed newest first, counted while unread, and told once for each cause', async () => {
    const { account, key } = await owner();
    await raise(account, 'budget:1:80');
    await raise(account, 'budget:1:80');
    now = new Date(now.getTime() + 1);
    await raise(account);
    const first = await bell(key);
    expect([first.data.length, first.unread_count]).toEqual([2, 2]);
    expect(first.data.map(({ created_at: at }) => at)).toEqual([...first.data.map(({ created_at: at }) => at)].sort().reverse());
    expect(first.data[0]).toMatchObject({ kind: 'budget_threshold', severity: 'warning', subject: null, read_at: null });
    const page = await bell(key, `?limit=1&after=${first.data[0]?.id}`);
    expect(page.data.map(({ id }) => id)).toEqual([first.data[1]?.id]);
  });

  it('are read one by one or all at once, and stay read', async () => {
    const { account, key } = await owner();
    for (let count = 0; count < 3; count += 1) await raise(account);
    const [one] = (await bell(key)).data;
    const read = (body: object) => service.withKey<{ unread_count: number } & ErrorAnswer>(key, 'POST', `${BELL}/read`, body);
    expect((await read({ ids: [one?.id, one?.id] })).body).toEqual({ unread_count: 2 });
    expect((await bell(key, '?unread=true')).data.map(({ id }) => id)).not.toContain(one?.id);
    const all = await read({ all: true });
    expect([all.status, all.body.unread_count]).toEqual([200, 0]);
    expect((await bell(key)).data.every(({ read_at: at }) => at === now.toISOString())).toBe(true);
    await raise(account);
    expect((await bell(key)).unread_count).toBe(1);
  });

  it('are marked by each reader alone', async () => {
    const { account, key } = await owner();
    const email = `${account}@example.com`;
    const user = { id: `usr_${account}`, email, passwordHash: await hashPassword('correct horse') };
    await service.database.client.user.create({ data: user });
    await service.database.client.membership.create({ data: { accountId: account, userId: user.id, role: 'member' } });
    const signedIn = await service.call('POST', '/api/v1/session', { body: { email, password: 'correct horse' } });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    await raise(account);
    await service.withKey(key, 'POST', `${BELL}/read`, { all: true });
    const members = await service.call<Bell>('GET', BELL, { headers: { cookie } });
    expect([members.body.unread_count, (await bell(key)).unread_count]).toEqual([1, 0]);
    const marked = await service.call<Bell>('POST', `${BELL}/read`, { headers: { cookie }, body: { all: true } });
    expect(marked.body).toEqual({ unread_count: 0 });
  });

  it.each([
    [{}, null],
    [{ ids: [] }, 'ids'],
    [{ ids: ['ntf_1'], all: true }, null],
    [{ all: false }, 'all'],
    [{ ids: Array.from({ length: 101 }, (_, index) => `ntf_${index}`) }, 'ids'],
    [{ everything: true }, 'everything'],
  ])('refuse the mark %j', async (body, param) => {
    const { key } = await owner();
    const answer = await service.withKey<ErrorAnswer>(key, 'POST', `${BELL}/read`, body);
    expect([answer.status, answer.body.error.param]).toEqual([400, param]);
  });

  it('of another account are unknown, and nothing of the same request is marked', async () => {
    const [mine, theirs] = [await owner(), await owner()];
    await raise(mine.account);
    await raise(theirs.account);
    const ids = [(await bell(mine.key)).data[0]?.id, (await bell(theirs.key)).data[0]?.id];
    const answer = await service.withKey<ErrorAnswer>(mine.key, 'POST', `${BELL}/read`, { ids });
    expect([answer.status, answer.body.error.code]).toEqual([404, 'not_found']);
    expect([(await bell(mine.key)).unread_count, (await bell(theirs.key)).unread_count]).toEqual([1, 1]);
  });

  it('are kept from what other parts publish, once for each cause', async () => {
    const { account, key } = await owner();
    const data = {
      account_id: account,
      kind: 'partial_hold' as const,
      severity: 'warning' as const,
      once_key: 'hold:142:1',
      title: 'A hold covers 5.6 hours',
      text: '$72.00 of $307.20 are held.',
      instance_id: 142,
      raised_at: now.toISOString(),
    };
    const event = (id: string) => ({
      id: newId('evt'),
      source: 'auth-billing',
      topic: TOPIC.notificationRaised,
      key: account,
      occurredAt: now,
      data: { ...data, notification_id: id },
    });
    await service.bus.publish([event('ntf_first'), event('ntf_second')]);
    for (const deadline = Date.now() + 20_000; (await bell(key)).data.length === 0 && Date.now() < deadline;)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await raise(account);
    expect((await bell(key)).data.map(({ id, subject }) => [id.startsWith('ntf_first'), subject])).toEqual(
      expect.arrayContaining([
        [true, { kind: 'instance', id: '142' }],
        [false, null],
      ]),
    );
    expect((await bell(key)).data).toHaveLength(2);
  });

  it('are forgotten after 90 days', async () => {
    const { account, key } = await owner();
    await raise(account);
    const before = now;
    await pruneNotifications(service.database.client, new Date(before.getTime() + 89 * DAY_MS));
    expect((await bell(key)).data).toHaveLength(1);
    // What was raised is published, too: its event, where it is read only now, keeps it once more.
    await waitFor(
      async () => {
        await pruneNotifications(service.database.client, new Date(before.getTime() + 91 * DAY_MS));
        return (await bell(key)).data.length === 0;
      },
      { timeoutMs: 60_000, what: 'the notification to be forgotten' },
    );
  });

  describe('of a balance that runs out', () => {
    /** $3 an hour: one call that cost so much, half an hour ago. */
    const spend = async (account: string, costNanoUsd: bigint): Promise<void> => {
      const target = `platform:${account}`;
      await service.setPrice(target, { nano_usd_per_request: String(costNanoUsd) });
      const at = new Date(now.getTime() + 1).toISOString();
      await service.bus.publish([
        usageEvent(account, {
          instance_id: null,
          platform_model_id: account,
          started_at: at,
          ended_at: at,
          event_id: newId('evt'),
        }),
      ]);
    };
    const leave = async (account: string, balance: bigint): Promise<void> => {
      const left = BigInt(await service.balance(account));
      if (left !== balance) {
        const body = { amount_nano_usd: String(balance - left), type: 'admin_correction', reason: 'test' };
        await service.admin('POST', `/accounts/${account}/credits`, body);
      }
    };
    const look = async (account: string): Promise<void> => {
      const warnings = service.service.app.get(BalanceWarnings);
      warnings.noteCalls([usageEvent(account)]);
      await warnings.run();
    };
    const told = async (key: string): Promise<[string, string][]> =>
      [...(await bell(key, '?kind=balance_low&limit=100')).data].reverse().map(({ severity, title }) => [severity, title]);

    it('come once for each threshold, and anew after a top-up', async () => {
      const { account, key } = await owner();
      const perHour = 3_600_000_000n;
      await service.credit(account, String(perHour + 7_200_000_000n));
      await spend(account, perHour);
      for (const deadline = Date.now() + 20_000; BigInt(await service.balance(account)) !== 7_200_000_000n;) {
        if (Date.now() > deadline) throw new Error('not billed');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const minutes = async (left: number): Promise<void> => {
        // Ids of one millisecond have no order.
        now = new Date(now.getTime() + 1);
        await leave(account, (perHour * BigInt(left * 60)) / 3_600n);
        await look(account);
        await look(account);
      };
      await look(account);
      expect(await told(key)).toEqual([]);
      for (const left of [61, 60, 45, 29, 20, 11, 10, 6, 5, 3, 2, 1]) await minutes(left);
      expect(await told(key)).toEqual([
        ['warning', 'The balance runs out within 60 minutes'],
        ['warning', 'The balance runs out within 30 minutes'],
        ['warning', 'The balance runs out within 20 minutes'],
        ['critical', 'The balance runs out within 10 minutes'],
        ['critical', 'The balance runs out within 5 minutes'],
        ['critical', 'The balance runs out within 3 minutes'],
        ['critical', 'The balance runs out within a minute'],
      ]);
      await service.credit(account, '500000000');
      now = new Date(now.getTime() + 1);
      await look(account);
      expect((await told(key)).slice(7)).toEqual([['critical', 'The balance runs out within 10 minutes']]);
    });

    it('skip thresholds that were passed between two looks', async () => {
      const { account, key } = await owner();
      await service.credit(account, '1000000000');
      await spend(account, 990_000_000n);
      for (const deadline = Date.now() + 20_000; (await service.balance(account)) !== '10000000' && Date.now() < deadline;)
        await new Promise((resolve) => setTimeout(resolve, 50));
      await look(account);
      expect(await told(key)).toEqual([['critical', 'The balance runs out within a minute']]);
      expect((await bell(key)).data[0]?.text).toContain('$0.01 are left, and the last hour cost $0.99');
    });

    it('do not come where nothing was spent', async () => {
      const { account, key } = await owner();
      await look(account);
      expect(await told(key)).toEqual([]);
    });
  });

  describe('of keys about to expire', () => {
    const look = (): Promise<void> => service.service.app.get(ExpiringKeys).run();
    const told = async (key: string): Promise<readonly NotificationView[]> => (await bell(key, '?kind=key_expiring')).data;

    it('come once for each date, in the last quarter of a life and at most a week before', async () => {
      const { account, key } = await owner();
      const made = async (name: string, livesMs: number): Promise<string> => {
        const body = { name, expires_at: new Date(now.getTime() + livesMs).toISOString() };
        return (await service.withKey<{ id: string }>(key, 'POST', '/api/v1/api-keys', body)).body.id;
      };
      const month = await made('month', 30 * DAY_MS);
      await made('hour', HOUR_MS);
      const revoked = await made('revoked', 30 * DAY_MS);
      await service.withKey(key, 'DELETE', `/api/v1/api-keys/${revoked}`);
      const started = now;
      try {
        now = new Date(started.getTime() + 23 * DAY_MS - 1_000);
        await look();
        expect(await told(key)).toEqual([]);
        now = new Date(started.getTime() + 23 * DAY_MS + 1_000);
        await look();
        await look();
        expect((await told(key)).map(({ subject }) => subject)).toEqual([{ kind: 'api_key', id: month }]);
        const later = new Date(now.getTime() + 8 * DAY_MS).toISOString();
        await service.withKey(key, 'PATCH', `/api/v1/api-keys/${month}`, { expires_at: later });
        await look();
        expect(await told(key)).toHaveLength(1);
        now = new Date(now.getTime() + 2 * DAY_MS);
        await look();
        expect(await told(key)).toHaveLength(2);
      } finally {
        now = started;
      }
      expect(account).toBeDefined();
    });
  });

  describe('of instances', () => {
    let version = 0;
    const record = (accountId: string, overrides: Partial<InstanceRecord>): InstanceRecord => ({
      version: (version += 1),
      ...instanceRecord({ instance_id: 900 + version, account_id: accountId, created_at: now.toISOString() }),
      state: 'terminated',
      desired_state: 'terminated',
      ...overrides,
    });
    const publish = async (...records: InstanceRecord[]): Promise<void> => {
      const events = records.map((data) => ({
        id: newId('evt'),
        source: 'instance-registry',
        topic: TOPIC.instanceChanged,
        key: String(data.instance_id),
        occurredAt: now,
        data,
      }));
      await service.bus.publish(events);
    };
    const eventually = async (key: string, count: number): Promise<readonly NotificationView[]> => {
      for (const deadline = Date.now() + 30_000; ;) {
        const { data } = await bell(key, '?kind=instance_terminated');
        if (data.length >= count || Date.now() > deadline) return data;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };

    it('come when one is ended by a failure or an operator, not by its own account, and once', async () => {
      const { account, key } = await owner();
      const failed = record(account, { termination_reason: 'failed' });
      await publish(
        record(account, { termination_reason: 'user_request' }),
        failed,
        { ...failed, version: failed.version + 100 },
        record(account, { termination_reason: 'admin' }),
        record(account, { state: 'running', desired_state: 'running' }),
      );
      const told = await eventually(key, 2);
      expect(told.map(({ text }) => text)).toEqual(
        expect.arrayContaining([expect.stringContaining('because it had failed'), expect.stringContaining('by an operator')]),
      );
      expect(told).toHaveLength(2);
    });

    it('come again when one fails after it has run since', async () => {
      const { account, key } = await owner();
      const failed = record(account, { state: 'failed', desired_state: 'running' });
      await publish(failed);
      await eventually(key, 1);
      await publish({ ...failed, version: failed.version + 1 });
      await publish({ ...failed, version: failed.version + 2, state: 'running' });
      await publish({ ...failed, version: failed.version + 3 });
      expect(await eventually(key, 2)).toHaveLength(2);
    });
  });
});
