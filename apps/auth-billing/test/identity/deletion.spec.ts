import { newId, TOPIC } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { AccountErasure } from '../../src/identity/deletion/account-erasure.js';
import { TestService } from '../service.js';
import { Browser, newOwner, PASSWORD, type Refused } from './people.js';

const TIMEOUT_MS = 180_000;
const HOUR_MS = 60 * 60 * 1000;

interface AccountBody extends Refused {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly owners: readonly string[];
  readonly balance_nano_usd: string;
  readonly deleted_at: string | null;
  readonly erased_at: string | null;
}
interface ListBody<Item> extends Refused {
  readonly data: readonly Item[];
}

describe('deleting', () => {
  let service: TestService;
  let offsetMs = 0;

  beforeAll(async () => {
    service = await TestService.start(() => new Date(Date.now() + offsetMs), undefined, {
      signupMode: 'open',
      signupsPerHour: 1_000,
      smtpUrl: 'smtp://127.0.0.1:9',
    });
  }, TIMEOUT_MS);
  afterAll(() => service.close());

  const eventsOf = (topic: string, key?: string) =>
    service.database.client.busEvent.findMany({
      where: { topic, ...(key === undefined ? {} : { key }) },
      orderBy: { id: 'asc' },
    });

  /** Every text of every table that tells of an account or a user, but the bus, whose events end with their retention. */
  const everyTextWith = async (needle: string): Promise<readonly string[]> => {
    const tables = await service.database.client.$queryRaw<{ name: string }[]>`
      SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`;
    const found: string[] = [];
    for (const { name } of tables.filter((table) => table.name !== 'bus_events')) {
      const rows = await service.database.client.$queryRawUnsafe<{ text: string }[]>(
        `SELECT row_to_json(t)::text AS text FROM "${name}" AS t WHERE row_to_json(t)::text ILIKE $1 LIMIT 3`,
        `%${needle}%`,
      );
      found.push(...rows.map(({ text }) => `${name}: ${text}`));
    }
    return found;
  };

  const fill = async (accountId: string, browser: Browser) => {
    const { body: key } = await browser.call<{ id: string; key: string }>('POST', '/api/v1/api-keys', {
      name: 'laptop of Annabella',
      scopes: ['management', 'inference'],
      source_tag: 'annabella',
    });
    await browser.call('POST', '/api/v1/invites', {});
    const channel = { kind: 'email', address: 'annabella@alerts.example' };
    expect((await browser.call('POST', '/api/v1/alert-channels', channel)).status).toBe(201);
    await service.admin('PATCH', `/accounts/${accountId}`, { name: 'Annabella Ltd' });
    const started = new Date();
    await service.database.client.$executeRaw`
      INSERT INTO request_log (started_at, request_id, account_id, key_id, endpoint, status, outcome, duration_ms, source_tag)
      SELECT ${started}::timestamptz, 'req_' || n, ${accountId}, ${key.id}, 'chat/completions', 200, 'ok', 1, 'annabella'
      FROM generate_series(1, 12000) AS n`;
    return key;
  };

  it(
    'an account ends its keys, sessions and invites at once, erases what names people, and keeps its ledger',
    async () => {
      const { browser, accountId, userId } = await newOwner(service, 'annabella@example.com');
      const key = await fill(accountId, browser);
      const invited = await browser.call<{ token: string }>('POST', '/api/v1/invites', {});
      const ledgerOf = () =>
        service.admin<ListBody<Record<string, unknown>>>('GET', `/ledger/transactions?account_id=${accountId}`);
      const before = (await ledgerOf()).body.data;
      expect(before).not.toEqual([]);

      const deleted = await service.admin<AccountBody>('DELETE', `/accounts/${accountId}`);
      expect(deleted.status).toBe(200);
      expect(deleted.body).toMatchObject({ status: 'deleted', name: 'deleted account', owners: [] });
      expect((await service.withKey<Refused>(key.key, 'GET', '/api/v1/me')).body.error.code).toBe('invalid_api_key');
      expect((await browser.call('GET', '/api/v1/me')).body.error.code).toBe('session_required');
      expect((await new Browser(service).signIn('annabella@example.com')).body.error.code).toBe('invalid_credentials');
      const guest = await newOwner(service, 'guest-of-nobody@example.com');
      const accepted = await guest.browser.call('POST', '/api/v1/invites/accept', { token: invited.body.token });
      expect(accepted.body.error.code).toBe('invite_expired');
      expect((await ledgerOf()).body.data).toEqual(before);
      expect(await service.balance(accountId)).toBe('1000000000');

      await service.service.app.get(AccountErasure).run();
      expect(await everyTextWith('annabella')).toEqual([]);
      expect(await everyTextWith(userId)).not.toEqual([]);
      const keyEvents = await eventsOf(TOPIC.keyChanged);
      expect(keyEvents.at(-1)?.data).toMatchObject({ account_id: accountId, status: 'revoked', source_tag: null });
      expect((await eventsOf(TOPIC.accountChanged, accountId)).at(-1)?.data).toMatchObject({ status: 'suspended' });
      expect(await eventsOf(TOPIC.accountDeleted, accountId)).toHaveLength(1);
    },
    TIMEOUT_MS,
  );

  it(
    'an account twice, at once or later, is once, and it is final: nothing is changed or made any more',
    async () => {
      const { accountId } = await newOwner(service, 'twice@example.com');
      const answers = await Promise.all([1, 2, 3].map(() => service.admin<AccountBody>('DELETE', `/accounts/${accountId}`)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(new Set(answers.map(({ body }) => body.deleted_at)).size).toBe(1);
      expect(await eventsOf(TOPIC.accountDeleted, accountId)).toHaveLength(1);
      const refusals = await Promise.all([
        service.admin<Refused>('PATCH', `/accounts/${accountId}`, { status: 'active' }),
        service.admin<Refused>('POST', `/accounts/${accountId}/api-keys`, { name: 'late' }),
        service.internal<Refused>('PUT', '/holds/999/1', {
          account_id: accountId,
          gpu_type: 'sim-small',
          gpu_count: 1,
          replicas: 1,
        }),
        service.admin<Refused>('DELETE', '/accounts/acc_unknown'),
      ]);
      expect(refusals.map(({ status, body }) => [status, body.error.code])).toEqual([
        [409, 'invalid_state'],
        [404, 'not_found'],
        [404, 'not_found'],
        [404, 'not_found'],
      ]);
      const listed = (await service.admin<ListBody<AccountBody>>('GET', '/accounts?limit=100')).body.data;
      expect(listed.map(({ id }) => id)).not.toContain(accountId);
      const gone = (await service.admin<ListBody<AccountBody>>('GET', '/accounts?limit=100&status=deleted')).body.data;
      expect(gone.map(({ id }) => id)).toContain(accountId);
      await service.credit(accountId, '-1000000000');
      expect(await service.balance(accountId)).toBe('0');
    },
    TIMEOUT_MS,
  );

  it(
    'an account leaves people who belong to another one as they are there',
    async () => {
      const [owner, guest] = [await newOwner(service, 'first@example.com'), await newOwner(service, 'both@example.com')];
      const { body: invite } = await owner.browser.call<{ token: string }>('POST', '/api/v1/invites', {});
      await guest.browser.call('POST', '/api/v1/invites/accept', { token: invite.token });
      await guest.browser.call('PUT', '/api/v1/me/active-account', { account_id: owner.accountId });
      await service.admin('DELETE', `/accounts/${owner.accountId}`);
      const me = await guest.browser.call<{ accounts: { id: string }[]; active_account_id: string }>('GET', '/api/v1/me');
      expect(me.body).toMatchObject({ active_account_id: guest.accountId });
      expect(me.body.accounts.map(({ id }) => id)).toEqual([guest.accountId]);
    },
    TIMEOUT_MS,
  );

  it(
    'an account is finished only when its holds are settled and calls that were in flight have had an hour; what was left half done goes on',
    async () => {
      const { accountId, browser } = await newOwner(service, 'half@example.com');
      await fill(accountId, browser);
      await service.database.client.$executeRaw`
        INSERT INTO instance_holds (instance_id, run, account_id, status, gpu_type, gpu_count, replicas, cycle, hourly_rate_nano_usd,
          hold_nano_usd, cycle_started_at, cycle_ends_at, settled_ms, created_at)
        VALUES (77001, 1, ${accountId}, 'held', 'sim-small', 1, 1, 1, 0, 0, now(), now() + interval '9 days', 0, now())`;
      await service.admin('DELETE', `/accounts/${accountId}`);
      const erasure = service.service.app.get(AccountErasure);
      const view = async () => (await service.admin<AccountBody>('GET', `/accounts/${accountId}`)).body;
      await erasure.run();
      expect((await view()).erased_at).toBeNull();
      offsetMs = 2 * HOUR_MS;
      await erasure.run();
      expect((await view()).erased_at).toBeNull();
      const record = {
        ...{
          version: 2,
          instance_id: 77_001,
          kind: 'own',
          account_id: accountId,
          platform_model_id: null,
          model_id: 'mdl_1',
          run: 1,
        },
        ...{ model_name: 'm', served_model_name: null, category: 'chat', openai_compatible: true, custom_api_path: null },
        ...{ inject_stream_usage: true, state: 'terminated', desired_state: 'terminated', degraded: false, pinned_region: null },
        ...{ termination_reason: 'admin', created_at: new Date().toISOString(), deployments: [] },
      };
      const event = { id: newId('evt'), source: 'instance-registry', topic: TOPIC.instanceChanged, key: '77001' };
      await service.bus.publish([{ ...event, occurredAt: new Date(), data: record }]);
      await waitFor(
        async () => {
          await erasure.run();
          return (await view()).erased_at ?? undefined;
        },
        { timeoutMs: 60_000, what: 'the account to be erased' },
      );
      offsetMs = 0;
    },
    TIMEOUT_MS,
  );

  it(
    'oneself needs the password, is refused to a last owner, and takes the address out of other people\u2019s logs',
    async () => {
      const [owner, leaver] = [await newOwner(service, 'stays@example.com'), await newOwner(service, 'zacharias@example.com')];
      const { body: invite } = await owner.browser.call<{ token: string }>('POST', '/api/v1/invites', {});
      await leaver.browser.call('POST', '/api/v1/invites/accept', { token: invite.token });
      expect((await leaver.browser.call('DELETE', '/api/v1/me', {})).body.error.param).toBe('current_password');
      expect((await leaver.browser.call('DELETE', '/api/v1/me', { current_password: 'wrong' })).body.error.code).toBe(
        'invalid_credentials',
      );
      expect((await leaver.browser.call('DELETE', '/api/v1/me', { current_password: PASSWORD })).body.error.code).toBe(
        'last_owner',
      );
      expect((await leaver.browser.call('GET', '/api/v1/me')).status).toBe(200);
      await service.admin('DELETE', `/accounts/${leaver.accountId}`);
      const other = new Browser(service, '2001:db8:77::1');
      await other.signIn('zacharias@example.com');
      expect((await other.call('DELETE', '/api/v1/me', { current_password: PASSWORD })).status).toBe(204);
      expect((await other.call('GET', '/api/v1/me')).status).toBe(401);
      expect(await everyTextWith('zacharias')).toEqual([]);
      const log = await owner.browser.call<ListBody<{ action: string; actor: { id: string; name: string } }>>(
        'GET',
        '/api/v1/audit-log',
      );
      const [left] = log.body.data;
      expect(left).toMatchObject({ action: 'member.left', actor: { id: leaver.userId, name: leaver.userId } });
    },
    TIMEOUT_MS,
  );

  it(
    'a user by an operator is refused while an account would be left without an owner',
    async () => {
      const { userId, accountId, browser } = await newOwner(service, 'sole@example.com');
      expect((await service.admin<Refused>('DELETE', `/users/${userId}`)).body.error.code).toBe('last_owner');
      expect((await service.admin<Refused>('DELETE', '/users/usr_unknown')).status).toBe(404);
      const { body: invite } = await browser.call<{ token: string }>('POST', '/api/v1/invites', { role: 'owner' });
      const second = await newOwner(service, 'second@example.com');
      await second.browser.call('POST', '/api/v1/invites/accept', { token: invite.token });
      expect((await service.admin('DELETE', `/users/${userId}`)).status).toBe(204);
      expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
      const { body } = await service.admin<AccountBody>('GET', `/accounts/${accountId}`);
      expect(body.owners).toEqual(['second@example.com']);
    },
    TIMEOUT_MS,
  );

  it(
    'an entry of another service reaches the account\u2019s log once, and without names once the account is deleted',
    async () => {
      const { accountId, browser, userId } = await newOwner(service, 'logs@example.com');
      const entry = (target: string) => {
        const id = newId('evt');
        const data = {
          entry_id: id,
          account_id: accountId,
          at: new Date().toISOString(),
          actor: { kind: 'user', id: userId },
          action: 'instance.stopped',
          target,
          before: { desired_state: 'running' },
          after: { desired_state: 'stopped' },
          request_id: 'req_1',
        };
        return { id, source: 'instance-registry', topic: TOPIC.auditRecorded, key: accountId, occurredAt: new Date(), data };
      };
      const first = entry('142');
      await service.bus.publish([first, first]);
      await service.bus.publish([{ ...first, id: newId('evt') }, entry('143')]);
      const log = async () =>
        (await browser.call<ListBody<Record<string, unknown>>>('GET', '/api/v1/audit-log')).body.data.filter(
          ({ action }) => action === 'instance.stopped',
        );
      await waitFor(async () => ((await log()).some(({ target }) => target === '143') ? true : undefined), {
        timeoutMs: 60_000,
        what: 'the entries',
      });
      const entries = await log();
      expect(entries.map(({ target }) => target).sort()).toEqual(['142', '143']);
      expect(entries.find(({ target }) => target === '142')).toMatchObject({
        actor: { kind: 'user', id: userId, name: 'logs@example.com' },
        before: { desired_state: 'running' },
        after: { desired_state: 'stopped' },
        request_id: 'req_1',
      });
      await service.admin('DELETE', `/accounts/${accountId}`);
      await service.bus.publish([entry('144')]);
      const late = () => service.database.client.accountAuditEntry.findFirst({ where: { accountId, target: '144' } });
      const row = await waitFor(async () => (await late()) ?? undefined, { timeoutMs: 60_000, what: 'the late entry' });
      expect(row).toMatchObject({ actorName: userId, before: null, after: null });
    },
    TIMEOUT_MS,
  );

  it(
    'the demo account makes room for a new one',
    async () => {
      const seed = () =>
        service.internal<{ account_id: string; created: boolean }>('POST', '/seed-demo-account', {
          email: 'demo@example.com',
          password: PASSWORD,
        });
      const [first, again] = [await seed(), await seed()];
      expect([first.body.created, again.body.created]).toEqual([true, false]);
      await service.admin('DELETE', `/accounts/${first.body.account_id}`);
      const next = await seed();
      expect(next.body.created).toBe(true);
      expect(next.body.account_id).not.toBe(first.body.account_id);
    },
    TIMEOUT_MS,
  );

  it(
    'is in the operators\u2019 log with what changed, and no secret',
    async () => {
      const accountId = await service.account('0', 'logged');
      await service.admin('PATCH', `/accounts/${accountId}`, { status: 'suspended' });
      const key = await service.key(accountId);
      type Entry = Record<string, unknown> & { method: string; target: string };
      const log = async () => (await service.admin<ListBody<Entry>>('GET', '/audit-log?limit=20')).body.data;
      const entries = await log();
      expect(entries.find(({ method, target }) => method === 'PATCH' && target === accountId)).toMatchObject({
        before: { name: 'logged', status: 'active' },
        after: { name: 'logged', status: 'suspended' },
        request_id: expect.stringMatching(/^req_/) as unknown,
      });
      expect(entries.find(({ target }) => target === key.id)).toMatchObject({ before: null, after: { prefix: key.prefix } });
      expect(JSON.stringify(entries)).not.toContain(key.key);
      await service.admin('DELETE', `/accounts/${accountId}`);
      const erased = (await log()).filter(({ target }) => target === accountId);
      expect(erased.filter(({ method }) => method !== 'DELETE').map(({ before, after }) => [before, after])).toEqual([
        [null, null],
        [null, null],
      ]);
      expect(erased.find(({ method }) => method === 'DELETE')).toMatchObject({ after: { status: 'deleted' } });
    },
    TIMEOUT_MS,
  );
});
