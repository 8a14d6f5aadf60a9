import { newOwner, type Refused } from './identity/people.js';
import { TestService } from './service.js';

const TIMEOUT_MS = 180_000;

interface ListBody extends Refused {
  readonly data: readonly Record<string, unknown>[];
  readonly first_id: string;
}

describe('bad input', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(undefined, undefined, { signupMode: 'open', smtpUrl: 'smtp://127.0.0.1:9' });
  }, TIMEOUT_MS);
  afterAll(() => service.close());

  const raw = async (path: string, token: string, body: string): Promise<[number, string, string | null]> => {
    const response = await fetch(`${service.service.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    const { error } = (await response.json()) as Refused;
    return [response.status, error.code, error.param];
  };

  it(
    'is refused by the name of the member that a body has twice, and has no effect',
    async () => {
      const account = await service.account();
      const twice = '{"amount_nano_usd":"5","amount_nano_usd":"7","type":"bonus_grant","reason":"x"}';
      const answer = await raw(`/admin/v1/accounts/${account}/credits`, 'admin-token-of-tests', twice);
      expect(answer).toEqual([400, 'invalid_request', 'amount_nano_usd']);
      const { key } = await service.key(account);
      expect(await raw('/api/v1/api-keys', key, '{"name":"a","n\\u0061me":"b"}')).toEqual([400, 'invalid_request', 'name']);
      expect(await raw('/api/v1/api-keys', key, '{"name":"a","allow":{"models":["x\\u0000"]}}')).toEqual([
        400,
        'invalid_request',
        'allow.models[0]',
      ]);
      expect(await raw('/api/v1/api-keys', key, '{"name":"a"')).toEqual([400, 'invalid_request', null]);
      expect(await service.balance(account)).toBe('0');
    },
    TIMEOUT_MS,
  );

  it(
    'in a URL is 404 or 400, never a failure of ours',
    async () => {
      const { key } = await service.key(await service.account());
      for (const path of ['/api/v1/api-keys/%00', '/api/v1/members/a%0Ab', '/api/v1/invites/%1f/preview']) {
        expect((await service.withKey(key, 'DELETE', path)).status).toBe(404);
      }
      expect((await service.withKey(key, 'GET', '/api/v1/api-keys?after=%00')).status).toBe(400);
    },
    TIMEOUT_MS,
  );

  it(
    'as cursors: two at once, and those of other accounts, are refused by name',
    async () => {
      const [mine, theirs] = [await service.account('5'), await service.account('6')];
      const { key } = await service.key(mine);
      const get = (path: string) => service.withKey<ListBody>(key, 'GET', path);
      for (const path of ['/api/v1/api-keys', '/api/v1/members', '/api/v1/billing/transactions', '/api/v1/audit-log']) {
        const both = await get(`${path}?after=txn_1&before=txn_2`);
        expect([path, both.status, both.body.error.param]).toEqual([path, 400, 'before']);
      }
      const foreign = await service.admin<ListBody>('GET', `/ledger/transactions?account_id=${theirs}`);
      for (const name of ['after', 'before']) {
        const answer = await get(`/api/v1/billing/transactions?${name}=${foreign.body.first_id}`);
        expect([answer.status, answer.body.error.param]).toEqual([400, name]);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'leaves no trace, while what was done to keys and accounts is in the account’s log without a secret',
    async () => {
      const { browser, accountId, userId } = await newOwner(service, 'logged@example.com');
      const made = await browser.call<{ id: string; key: string } & Refused>('POST', '/api/v1/api-keys', { name: 'ci' });
      await browser.call('PATCH', `/api/v1/api-keys/${made.body.id}`, { name: 'ci two' });
      const rotated = await browser.call<{ key: string } & Refused>('POST', `/api/v1/api-keys/${made.body.id}/rotate`, {
        overlap_minutes: 5,
      });
      await browser.call('PATCH', `/api/v1/api-keys/${made.body.id}`, { nonsense: true });
      await browser.call('DELETE', `/api/v1/api-keys/${made.body.id}`);
      await service.admin('PATCH', `/accounts/${accountId}`, { name: 'renamed' });
      const log = await browser.call<ListBody>('GET', '/api/v1/audit-log');
      const actor = { kind: 'user', id: userId, name: 'logged@example.com' };
      expect(log.body.data).toHaveLength(5);
      expect(log.body.data.map((entry) => entry['action']).sort()).toEqual([
        'account.changed',
        'api_key.changed',
        'api_key.created',
        'api_key.revoked',
        'api_key.rotated',
      ]);
      expect(log.body.data.find((entry) => entry['action'] === 'api_key.changed')).toMatchObject({
        actor,
        before: { name: 'ci' },
        after: { name: 'ci two' },
      });
      expect(log.body.data.find((entry) => entry['action'] === 'account.changed')).toMatchObject({
        actor: { kind: 'operator', name: 'tester' },
        before: { name: 'logged' },
        after: { name: 'renamed' },
      });
      for (const secret of [made.body.key, rotated.body.key]) expect(log.text).not.toContain(secret);
    },
    TIMEOUT_MS,
  );

  it(
    'is no e-mail address for operators either, who find people by theirs',
    async () => {
      const { userId, accountId } = await newOwner(service, 'found@example.com');
      const found = await service.admin<ListBody>('GET', '/users?email=Found@example.com');
      expect(found.body.data).toMatchObject([
        { id: userId, email: 'found@example.com', has_password: true, accounts: [{ id: accountId, role: 'owner' }] },
      ]);
      expect(found.text).not.toContain('argon2');
      expect((await service.admin<Refused>('GET', '/users?email=nonsense')).body.error.param).toBe('email');
    },
    TIMEOUT_MS,
  );

  it(
    'is one key more than the plan allows, of several at once, too',
    async () => {
      const { browser, accountId } = await newOwner(service, 'keys@example.com');
      await service.admin('PUT', '/plans/few', { requests_per_minute: 100, max_keys: 2 });
      await service.admin('PATCH', `/accounts/${accountId}`, { plan: 'few' });
      const made = await Promise.all(
        [1, 2, 3, 4].map((index) => browser.call('POST', '/api/v1/api-keys', { name: `key ${index}` })),
      );
      expect(made.map((answer) => answer.status).sort()).toEqual([201, 201, 409, 409]);
      expect(made.find((answer) => answer.status === 409)?.body.error.code).toBe('quota_reached');
    },
    TIMEOUT_MS,
  );

  it(
    'is a thing of another account: every call says that there is none, with a session and with a key, and nothing changes',
    async () => {
      const [owner, stranger] = [
        await newOwner(service, 'has-things@example.com'),
        await newOwner(service, 'has-none@example.com'),
      ];
      const make = async (path: string, body: object): Promise<string> => {
        const answer = await owner.browser.call<{ id: string } & Refused>('POST', `/api/v1/${path}`, body);
        expect([path, answer.status]).toEqual([path, 201]);
        return answer.body.id;
      };
      const key = await make('api-keys', { name: 'mine' });
      const invite = await make('invites', {});
      const channel = await make('alert-channels', { kind: 'email', address: 'alerts@example.com' });
      const budget = await make('budgets', { scope: { kind: 'account' }, period: 'day', limit_nano_usd: '1000' });
      const calls: readonly [string, string, object?][] = [
        ['GET', `api-keys/${key}`],
        ['PATCH', `api-keys/${key}`, { name: 'yours' }],
        ['POST', `api-keys/${key}/rotate`, { overlap_minutes: 0 }],
        ['DELETE', `api-keys/${key}`],
        ['DELETE', `invites/${invite}`],
        ['PATCH', `alert-channels/${channel}`, { status: 'active' }],
        ['POST', `alert-channels/${channel}/test`],
        ['GET', `alert-channels/${channel}/deliveries`],
        ['DELETE', `alert-channels/${channel}`],
        ['PATCH', `budgets/${budget}`, { limit_nano_usd: '5' }],
        ['POST', `budgets/${budget}/raise`, { by_nano_usd: '5' }],
        ['DELETE', `budgets/${budget}`],
        ['PATCH', `members/${owner.userId}`, { role: 'member' }],
        ['DELETE', `members/${owner.userId}`],
      ];
      const things = async () => {
        const paths = ['api-keys', 'invites', 'alert-channels', 'budgets', 'members'];
        const lists = await Promise.all(paths.map((path) => owner.browser.call<ListBody>('GET', `/api/v1/${path}`)));
        return lists.map(({ body }) => body.data.map((thing) => ({ ...thing, last_seen_at: null })));
      };
      const before = await things();
      const foreign = await service.key(stranger.accountId);
      for (const [method, path, body] of calls) {
        const answer = await stranger.browser.call(method, `/api/v1/${path}`, body);
        expect([method, path, answer.status, answer.body.error.code]).toEqual([method, path, 404, 'not_found']);
        const byKey = await service.withKey<Refused>(foreign.key, method, `/api/v1/${path}`, body);
        expect([method, path, byKey.status, byKey.body.error.code]).toEqual([method, path, 404, 'not_found']);
      }
      const switched = await stranger.browser.call('PUT', '/api/v1/me/active-account', { account_id: owner.accountId });
      expect(switched.status).toBeGreaterThanOrEqual(400);
      expect(await things()).toEqual(before);
    },
    TIMEOUT_MS,
  );

  it(
    'is a name of a megabyte, with control characters or of nothing but white space; one from right to left is none',
    async () => {
      const { browser } = await newOwner(service, 'names@example.com');
      const create = (name: string) => browser.call('POST', '/api/v1/api-keys', { name });
      const rename = (name: string) => browser.call('PATCH', '/api/v1/me', { name });
      const settings = (name: string) => browser.call('PATCH', '/api/v1/account', { name });
      for (const change of [create, rename, settings]) {
        for (const name of ['x'.repeat(1_000_000), 'a\u0000b', 'a\nb', 'a\u001b[31mb', '   ', '']) {
          const { status, body } = await change(name);
          expect([change.name, name.slice(0, 9), status, body.error.code, body.error.param]).toEqual([
            ...[change.name, name.slice(0, 9), 400, 'invalid_request', 'name'],
          ]);
        }
        expect((await change('x'.repeat(2_000_000))).status).toBe(413);
        expect((await change('\u0645\u0641\u062a\u0627\u062d \u05de\u05e4\u05ea\u05d7')).status).toBeLessThan(300);
      }
      const keys = await browser.call<ListBody>('GET', '/api/v1/api-keys');
      expect(keys.body.data.map((key) => key['name'])).toEqual(['\u0645\u0641\u062a\u0627\u062d \u05de\u05e4\u05ea\u05d7']);
    },
    TIMEOUT_MS,
  );
});
