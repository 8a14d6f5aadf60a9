import { TestService } from '../service.js';
import { Browser, newOwner, PASSWORD } from './people.js';

const TIMEOUT_MS = 180_000;
const DAY_MS = 24 * 60 * 60 * 1000;

describe('signing up and in', () => {
  let service: TestService;
  let now = new Date('2026-11-30T12:00:00Z');
  let ticks = 0;

  beforeAll(async () => {
    service = await TestService.start(() => new Date(now.getTime() + (ticks += 1)), undefined, { signupMode: 'open' });
  }, TIMEOUT_MS);
  afterAll(() => service.close());

  it(
    'makes a user, an account and its bonus at once, and signs the user in',
    async () => {
      const { browser, userId, accountId } = await newOwner(service, 'Ada@Example.com');
      const me = await browser.call('GET', '/api/v1/me');
      expect(me.body).toEqual({
        user: { id: userId, email: 'ada@example.com', name: null, totp_enabled: false },
        accounts: [{ id: accountId, name: 'ada', role: 'owner' }],
        active_account_id: accountId,
      });
      expect((await browser.call('GET', '/api/v1/billing')).body).toMatchObject({ balance_nano_usd: '1000000000' });
      expect((await browser.call('GET', '/api/v1/billing/transactions')).body).toMatchObject({
        data: [{ type: 'bonus', amount_nano_usd: '1000000000' }],
      });
      const stored = await service.database.client.user.findUniqueOrThrow({ where: { id: userId } });
      expect(stored.passwordHash).toMatch(/^\$argon2id\$/);
    },
    TIMEOUT_MS,
  );

  it(
    'makes one user and one bonus of two sign-ups with one address at once',
    async () => {
      const both = await Promise.all([1, 2].map(() => new Browser(service).signUp('twin@example.com')));
      expect(both.map((answer) => answer.status).sort()).toEqual([201, 409]);
      expect(both.find((answer) => answer.status === 409)?.body.error).toMatchObject({ code: 'email_taken', param: 'email' });
      const bonuses = await service.database.client.ledgerTransaction.count({ where: { type: 'bonus' } });
      const owners = await service.database.client.membership.count({ where: { role: 'owner' } });
      expect(bonuses).toBe(owners);
    },
    TIMEOUT_MS,
  );

  it(
    'refuses addresses, passwords and names by the name of their field, and leaves nothing behind',
    async () => {
      const users = await service.database.client.user.count();
      const cases: [object, string][] = [
        [{ email: 'no-at-sign' }, 'email'],
        [{ email: 'two@@example.com' }, 'email'],
        [{ email: '.dot@example.com' }, 'email'],
        [{ email: 'a b@example.com' }, 'email'],
        [{ email: 'x@localhost' }, 'email'],
        [{ email: 'x@exa mple.com' }, 'email'],
        [{ email: `${'x'.repeat(250)}@example.com` }, 'email'],
        [{ email: 'nul\u0000@example.com' }, 'email'],
        [{ email: 7 }, 'email'],
        [{ password: 'short' }, 'password'],
        [{ password: 'x'.repeat(1_025) }, 'password'],
        [{ account_name: 'a\u202eb' }, 'account_name'],
        [{ account_name: 'a\u0000b' }, 'account_name'],
        [{ account_name: '\ud800' }, 'account_name'],
        [{ account_name: 'x'.repeat(900_000) }, 'account_name'],
        [{ admin: true }, 'admin'],
      ];
      for (const [body, param] of cases) {
        const answer = await new Browser(service, '203.0.113.9').signUp('new@example.com', body);
        expect([JSON.stringify(body).slice(0, 60), answer.status, answer.body.error.param]).toEqual([
          JSON.stringify(body).slice(0, 60),
          400,
          param,
        ]);
      }
      expect(await service.database.client.user.count()).toBe(users);
    },
    TIMEOUT_MS,
  );

  it(
    'takes right-to-left names as they are',
    async () => {
      const answer = await new Browser(service).signUp('rtl@example.com', { account_name: 'שלום عالم' });
      expect(answer.body.account.name).toBe('שלום عالم');
    },
    TIMEOUT_MS,
  );

  it(
    'refuses foreign origins, and gives every sign-in a token of its own',
    async () => {
      const { browser } = await newOwner(service, 'rotate@example.com');
      const former = browser.cookie('ecolink_session') ?? '';
      const forged = await browser.call(
        'POST',
        '/api/v1/session',
        { email: 'rotate@example.com', password: PASSWORD },
        {
          origin: 'https://evil.example',
        },
      );
      expect(forged.body.error.code).toBe('origin_refused');
      expect((await browser.signIn('rotate@example.com')).status).toBe(201);
      expect(browser.cookie('ecolink_session')).not.toBe(former);
      const old = new Browser(service);
      old.setCookie('ecolink_session', former);
      expect((await old.call('GET', '/api/v1/me')).body.error.code).toBe('session_required');
    },
    TIMEOUT_MS,
  );

  it(
    'verifies a password that was hashed by scrypt, and hashes it anew',
    async () => {
      // scrypt of "first password" with the salt "0123456789abcdef".
      const { scryptSync } = await import('node:crypto');
      const salt = Buffer.from('0123456789abcdef');
      const hash = scryptSync('first password', salt, 32, { N: 16_384, r: 8, p: 1 });
      const passwordHash = `scrypt$${salt.toString('base64url')}$${hash.toString('base64url')}`;
      await service.database.client.user.create({ data: { id: 'usr_old', email: 'old@example.com', passwordHash } });
      const browser = new Browser(service, '203.0.113.20');
      expect((await browser.signIn('old@example.com', 'second password')).status).toBe(401);
      expect((await browser.signIn('old@example.com', 'first password')).status).toBe(201);
      const stored = await service.database.client.user.findUniqueOrThrow({ where: { id: 'usr_old' } });
      expect(stored.passwordHash).toMatch(/^\$argon2id\$/);
      expect((await browser.signIn('old@example.com', 'first password')).status).toBe(201);
    },
    TIMEOUT_MS,
  );

  it(
    'ends sessions that were idle or are too old, and keeps a bounded number of a user',
    async () => {
      const started = now;
      const { browser, userId } = await newOwner(service, 'idle@example.com');
      for (let index = 0; index < 25; index += 1)
        await new Browser(service, `203.0.113.${100 + index}`).signIn('idle@example.com');
      expect(await service.database.client.session.count({ where: { userId } })).toBe(20);
      expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
      await browser.signIn('idle@example.com');
      for (let day = 1; day <= 6; day += 1) {
        now = new Date(started.getTime() + day * 2 * DAY_MS);
        expect((await browser.call('GET', '/api/v1/me')).status).toBe(200);
      }
      now = new Date(started.getTime() + 15 * DAY_MS);
      expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
      await browser.signIn('idle@example.com');
      now = new Date(now.getTime() + 4 * DAY_MS);
      expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
    },
    TIMEOUT_MS,
  );

  it(
    'signs out everywhere',
    async () => {
      const { browser } = await newOwner(service, 'everywhere@example.com');
      const other = new Browser(service);
      await other.signIn('everywhere@example.com');
      expect((await other.call('DELETE', '/api/v1/me/sessions')).status).toBe(204);
      expect([(await other.call('GET', '/api/v1/me')).status, (await browser.call('GET', '/api/v1/me')).status]).toEqual([
        401, 401,
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'changes a password by the present one only, and ends every other session',
    async () => {
      const { browser } = await newOwner(service, 'change@example.com');
      const other = new Browser(service);
      await other.signIn('change@example.com');
      const put = (body: object) => browser.call('PUT', '/api/v1/me/password', body);
      expect((await put({ new_password: 'another password' })).body.error.param).toBe('current_password');
      const wrong = await put({ current_password: 'not that one', new_password: 'another password' });
      expect(wrong.body.error.code).toBe('invalid_credentials');
      expect((await put({ current_password: PASSWORD, new_password: 'another password' })).status).toBe(204);
      expect([(await browser.call('GET', '/api/v1/me')).status, (await other.call('GET', '/api/v1/me')).status]).toEqual([
        200, 401,
      ]);
      expect((await other.signIn('change@example.com')).status).toBe(401);
      expect((await other.signIn('change@example.com', 'another password')).status).toBe(201);
    },
    TIMEOUT_MS,
  );

  it(
    'sets a new password by an operator’s link, once, within a day, and answers every request for a mailed one alike',
    async () => {
      const { browser, userId } = await newOwner(service, 'reset@example.com');
      const link = () => service.admin<{ url: string }>('POST', `/users/${userId}/reset-link`);
      const tokenOf = (url: string) => url.split('/').at(-1) ?? '';
      const former = tokenOf((await link()).body.url);
      const token = tokenOf((await link()).body.url);
      const use = (value: string, password = 'from the link') =>
        new Browser(service).call('POST', '/api/v1/password-reset', { token: value, password });
      expect((await use(former)).body.error.code).toBe('reset_expired');
      expect((await use('nonsense')).body.error.code).toBe('reset_expired');
      expect((await use(token, 'short')).body.error.param).toBe('password');
      expect((await Promise.all([use(token), use(token)])).map((answer) => answer.status).sort()).toEqual([204, 410]);
      expect((await browser.call('GET', '/api/v1/me')).status).toBe(401);
      expect((await browser.signIn('reset@example.com', 'from the link')).status).toBe(201);
      const late = tokenOf((await link()).body.url);
      now = new Date(now.getTime() + DAY_MS);
      expect((await use(late)).body.error.code).toBe('reset_expired');
      expect((await service.admin('POST', '/users/usr_nobody/reset-link')).status).toBe(404);
      const asked = await Promise.all(
        ['reset@example.com', 'nobody@example.com'].map((email) =>
          new Browser(service).call('POST', '/api/v1/password-reset/request', { email }),
        ),
      );
      expect(asked.map((answer) => [answer.status, answer.text])).toEqual([
        [202, ''],
        [202, ''],
      ]);
    },
    TIMEOUT_MS,
  );
});
